"""A published forecast model with whole numbers of 8 bits for weights: less exact, and faster where the processor has instructions for it.

`python quantise.py --model models/lstm --data FOLDER --out models/lstm-int8`. The card says how much the errors grow.
"""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from onnxruntime.quantization import QuantType, quantize_dynamic

from data import BYTES, QUANTILES, Split, load, rolled
from publish import probe, run, write_card
from publish_forecast import covered, errors

STRIDE = 997
"""Windows between the origins that both are tested at: fewer than the test of the model itself, for it runs one by one."""


def outputs(path: Path, x: np.ndarray) -> np.ndarray:
    return np.concatenate([run(path, part)[0] for part in np.array_split(x, max(1, len(x) // 256))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    card: dict[str, Any] = yaml.safe_load((given.model / "card.yaml").read_text())
    given.out.mkdir(parents=True, exist_ok=True)
    source, path = given.model / "model.onnx", given.out / "model.onnx"
    # Seven bits, so that sums of products fit 16 bits on processors without VNNI too, and all of them compute the same.
    quantize_dynamic(str(source), str(path), weight_type=QuantType.QInt8, reduce_range=True)
    data, split = load(given.data), Split()
    x, comes, _, of = rolled(split.known(data), split, "test", STRIDE)
    exact, rough = outputs(source, x), outputs(path, x)
    last, median = x[:, -1, BYTES], QUANTILES.index(0.5)
    size = np.maximum(np.abs(exact).max(axis=(1, 2)), 1.0)
    keep = ("task", "input", "outputs", "features", "windowMs", "horizonsMs", "quantiles", "parameters", "licence", "data", "split", "training", "seed")
    told = {name: card[name] for name in keep}
    write_card(
        given.out,
        {
            "name": given.out.name,
            **told,
            "what": f"{card['name']}, version {card['version']} ({card['sha256'][:8]}), with weights of 8 bits and activations scaled as they come (dynamic quantisation of onnxruntime).",
            "metrics": {
                "what": f"mean absolute error of the median divided by that of persistence, as the median over the series; origins every {STRIDE} windows of the test",
                "by persistence, exact": errors(exact[:, :, median], comes, of, last)["by persistence"],
                "by persistence": errors(rough[:, :, median], comes, of, last)["by persistence"],
                "coverage, exact": covered(exact, comes),
                "coverage": covered(rough, comes),
                "difference from the exact one, relative to the largest quantile": {"median": float(np.median(np.abs(exact - rough).max(axis=(1, 2)) / size)), "99 %": float(np.quantile(np.abs(exact - rough).max(axis=(1, 2)) / size, 0.99))},
            },
            "probe": {**probe(path, x[1:2]), "tolerance": 0.05},
        },
    )


if __name__ == "__main__":
    main()
