"""Tests what `train_autoencoder.py` made, exports the seed that was best in the validation, and writes its card: `… --data FOLDER … --runs FOLDER --out models/autoencoder`."""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autoencoder import FEATURES, NOISE, RESIDUALS, SPIKE, SPIKES, WITHHELD, Autoencoder
from data import Split, load
from publish import export, parity, probe, write_card
from train_autoencoder import Part, errors, part

HAPPENINGS = ("nothing", "burst", "outage", "syn-flood", "amplification", "scan")
BYTES, AVERAGE = FEATURES.index("bytes"), FEATURES.index("movingAverage")


def found(score: np.ndarray, threshold: float, test: Part) -> dict[str, Any]:
    """Share of the windows of each happening above the threshold, and of those of none; and the area under the curve of all happenings against none."""
    alarms = score > threshold
    shares = {name: alarms[test.happened == i].mean() for i, name in enumerate(HAPPENINGS) if (test.happened == i).any()}
    calm, not_calm = score[test.happened == 0], score[test.happened > 1]
    order = np.argsort(np.concatenate((calm, not_calm)), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    area = (ranks[len(calm) :].sum() - len(not_calm) * (len(not_calm) + 1) / 2) / (len(calm) * len(not_calm))
    return {"windows found": shares, "area under the curve, incidents and attacks against nothing": area}


def volume(x: np.ndarray) -> np.ndarray:
    """The one-feature baseline: how far the bytes are from their moving average, either way."""
    return np.abs(np.log((x[:, BYTES] + 100) / (x[:, AVERAGE] + 100)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    data, split = [load(folder) for folder in given.data], Split()
    test, validation = part(data, split, "test"), part(data, split, "validation")
    runs = sorted((torch.load(path, weights_only=False) for path in given.runs.glob("autoencoder-*.pt")), key=lambda run: run["validation_loss"])
    if not runs:
        raise SystemExit("there is no run of the autoencoder")
    seeds = []
    for one in runs:
        net = Autoencoder()
        net.load_state_dict(one["state"])
        result = found(errors(net, test.x), one["threshold"], test)
        seeds.append({"seed": one["seed"], "validation loss": one["validation_loss"], "threshold": one["threshold"], **result})
    best = runs[0]
    net = Autoencoder()
    net.load_state_dict(best["state"])
    calm = volume(validation.x[validation.happened == 0])
    base = float(calm.mean() + 2 * calm.std())
    path = given.out / "model.onnx"
    sample = test.x[:: max(1, len(test.x) // 512)][:512].copy()
    sample[::5, 2:7] = np.nan
    export(net, sample[:2], ["error", "residuals"], path)
    write_card(
        given.out,
        {
            "name": "autoencoder",
            "task": "reconstruction",
            "input": {"name": "features", "shape": [len(FEATURES)]},
            "outputs": [{"name": "error", "shape": []}, {"name": "residuals", "shape": [len(RESIDUALS)]}],
            "features": list(FEATURES),
            "residuals": list(RESIDUALS),
            "windowMs": sorted({one.window_ms for one in data}),
            "threshold": best["threshold"],
            "what": "How unlike the usual a window is: root mean square of what an autoencoder (10-128-64-32-64-128-10) cannot reconstruct, in standard deviations. All but bytes and moving average may be unknown (NaN).",
            "thresholdIs": f"mean {best['mean']:.4g} + 2 sigma ({best['sigma']:.4g}) of the error on windows of the validation in which nothing happened",
            "licence": "that of this project; trained on simulated traffic alone",
            "data": [one.origin for one in data],
            "split": "by time: 70 % training, 10 % validation, 20 % test; the last 15 % of the series are in the test alone; training and threshold use windows in which nothing happened",
            "training": f"AdamW, batches of 512, at most 8000 steps, early stopping; noise of {NOISE} standard deviations, {SPIKES:.0%} of the features off by {SPIKE:g}, {WITHHELD:.0%} withheld; python models/training/train_autoencoder.py",
            "seed": best["seed"],
            "metrics": {
                "test": "windows of the test part; the burst is ordinary traffic",
                "best seed": {"found": found(errors(net, test.x), best["threshold"], test), "on series never seen": found(errors(net, test.x[test.unknown]), best["threshold"], Part(test.x[test.unknown], test.happened[test.unknown], test.unknown[test.unknown]))},
                "one-feature baseline, bytes against their moving average": {"threshold": base, "found": found(volume(test.x), base, test)},
                "all seeds": seeds,
            },
            "parity": parity(net, path, sample, unit=1.0),
            "probe": probe(path, sample[1:2]),
        },
    )


if __name__ == "__main__":
    main()
