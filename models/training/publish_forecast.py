"""Tests the forecast models that `train_forecast.py` made beside each other and the baselines, exports the best seed of each, and writes the cards.

`python publish_forecast.py --data FOLDER --runs FOLDER --out models`. A model without a run is left out.
"""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

from data import BYTES, HORIZONS, INPUTS, QUANTILES, STEPS, Data, Series, Split, load, rolled
from fit import predict
from nets import NETS, count
from publish import export, parity, probe, write_card

STRIDE = 97
"""Windows between the origins of the test."""
FOLDS = 3
"""Parts of the test, one after the other, that results are told of separately: origins roll on, the models stay."""
NAMES = {"linear": "linear-quantiles", "lstm": "lstm", "transformer": "transformer"}
WHAT = {
    "linear": "One linear function of the 60 windows for all series and each quantile and horizon: the honest baseline of the networks.",
    "lstm": "Three LSTM layers of 128 cells over the 60 windows; the median is a weighted mean of them times a factor.",
    "transformer": "Four layers of attention, eight heads, 128 wide, over the 60 windows; the median is a weighted mean of them times a factor.",
}
LABELS = ("5 min", "15 min", "1 h", "24 h")


def smoothed(x: np.ndarray, weight: float) -> np.ndarray:
    """Exponentially weighted mean of the windows."""
    level = x[:, 0, BYTES].copy()
    for step in range(1, STEPS):
        level += weight * (x[:, step, BYTES] - level)
    return level


def errors(forecast: np.ndarray, comes: np.ndarray, of: np.ndarray, persistence: np.ndarray) -> dict[str, Any]:
    """Per horizon: mean absolute error by that of persistence, as the median over the series; and WAPE over all bytes."""
    told: dict[str, Any] = {"by persistence": {}, "WAPE": {}}
    series = np.unique(of)
    for h, label in enumerate(LABELS):
        wrong, naive = np.abs(forecast[:, h] - comes[:, h]), np.abs(persistence - comes[:, h])
        ratios = [wrong[of == one].sum() / naive[of == one].sum() for one in series if naive[of == one].sum() > 0]
        told["by persistence"][label] = float(np.median(ratios))
        told["WAPE"][label] = float(wrong.sum() / comes[:, h].sum())
    return told


def covered(quantiles: np.ndarray, comes: np.ndarray) -> dict[str, dict[str, float]]:
    """Share of what came that lay between the 5 and 95 %, and the 10 and 90 % quantiles."""
    inside = lambda low, high: ((comes >= quantiles[:, :, low]) & (comes <= quantiles[:, :, high])).mean(axis=0)
    return {"90 %": dict(zip(LABELS, inside(0, 4).tolist())), "80 %": dict(zip(LABELS, inside(1, 3).tolist()))}


class Test:
    """Origins of the test, and what the baselines say at them."""

    def __init__(self, series: list[Series], split: Split) -> None:
        self.x, self.y, day_before, self.of = rolled(series, split, "test", STRIDE)
        self.last = self.x[:, -1, BYTES]
        flat = lambda one: np.repeat(one[:, None], len(HORIZONS), axis=1)
        self.baselines = {"persistence": flat(self.last), "a day before": day_before, "EWMA 0.3": flat(smoothed(self.x, 0.3)), "EWMA 0.6": flat(smoothed(self.x, 0.6))}

    def errors(self, forecast: np.ndarray) -> dict[str, Any]:
        return errors(forecast, self.y, self.of, self.last)

    def folds(self, forecast: np.ndarray) -> list[dict[str, float]]:
        """The error by persistence of each fold."""
        place = np.concatenate([np.arange(n) * FOLDS // n for n in np.bincount(self.of)])
        return [errors(forecast[place == fold], self.y[place == fold], self.of[place == fold], self.last[place == fold])["by persistence"] for fold in range(FOLDS)]

    def bytes_only(self) -> np.ndarray:
        x = self.x.copy()
        x[:, :, 1:7] = np.nan
        return x


def table(test: Test, results: dict[str, np.ndarray]) -> dict[str, Any]:
    """Error by persistence of every method, baselines first."""
    return {name: test.errors(forecast)["by persistence"] for name, forecast in {**test.baselines, **results}.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    data, split = load(given.data), Split()
    known, unknown = Test(split.known(data), split), Test(split.unknown(data), split)
    runs = {name: sorted((torch.load(path, weights_only=False) for path in given.runs.glob(f"{name}-*.pt")), key=lambda run: run["validation_loss"]) for name in NETS}
    nets: dict[str, list[torch.nn.Module]] = {}
    for name, of in runs.items():
        for run in of:
            net = NETS[name]()
            net.load_state_dict(run["state"])
            nets.setdefault(name, []).append(net)
    on_known = {name: predict(of[0], known.x) for name, of in nets.items()}
    on_unknown = {name: predict(of[0], unknown.x) for name, of in nets.items()}
    median = QUANTILES.index(0.5)
    beside = {"series that were trained on, later": table(known, {NAMES[name]: one[:, :, median] for name, one in on_known.items()}), "series never seen": table(unknown, {NAMES[name]: one[:, :, median] for name, one in on_unknown.items()})}
    for name, of in nets.items():
        publish(given.out, name, of, runs[name], data, known, unknown, on_known[name], beside)


def publish(out: Path, name: str, nets: list[torch.nn.Module], runs: list[dict[str, Any]], data: Data, known: Test, unknown: Test, quantiles: np.ndarray, beside: dict[str, Any]) -> None:
    """Exports one model and writes its card."""
    median = QUANTILES.index(0.5)
    path = out / NAMES[name] / "model.onnx"
    sample = known.x[:: max(1, len(known.x) // 256)][:256].copy()
    sample[::4, :, 1:7] = np.nan
    export(nets[0], sample[:2], ["quantiles"], path)
    seeds = [{"seed": run["seed"], "validation loss": run["validation_loss"], "steps": run["steps"], "minutes": run["minutes"], "error by persistence": known.errors(predict(net, known.x)[:, :, median])["by persistence"]} for net, run in zip(nets, runs)]
    best = runs[0]
    write_card(
        path.parent,
        {
            "name": NAMES[name],
            "task": "forecast",
            "input": {"name": "features", "shape": [STEPS, INPUTS]},
            "outputs": [{"name": "quantiles", "shape": [len(HORIZONS), len(QUANTILES)]}],
            "features": data.columns[:INPUTS],
            "windowMs": [data.window_ms],
            "horizonsMs": [horizon * data.window_ms for horizon in HORIZONS],
            "quantiles": list(QUANTILES),
            "what": WHAT[name] + " Quantiles in bytes a window; whatever is not known is NaN, of all but bytes all may be.",
            "parameters": count(nets[0]),
            "licence": "that of this project; trained on simulated traffic alone",
            "data": data.origin,
            "split": "by time: 70 % training, 10 % validation, 20 % test; the last 15 % of the series are in none but the test",
            "training": {"loss": "pinball of the quantiles in units of the mean step from window to window", "optimiser": "AdamW, cosine", "plan": best["plan"], "early stopping": f"best of the validation after {best['steps']} steps"},
            "seed": best["seed"],
            "metrics": {
                "what": f"mean absolute error of the median divided by that of persistence, as the median over the series; origins every {STRIDE} windows of the test",
                "beside": beside,
                "folds": known.folds(quantiles[:, :, median]),
                "bytes alone known": known.errors(predict(nets[0], known.bytes_only())[:, :, median])["by persistence"],
                "WAPE": known.errors(quantiles[:, :, median])["WAPE"],
                "coverage": covered(quantiles, known.y),
                "coverage on series never seen": covered(predict(nets[0], unknown.x), unknown.y),
                "all seeds": seeds,
            },
            "parity": parity(nets[0], path, sample, unit=1.0),
            "probe": probe(path, sample[1:2]),
        },
    )


if __name__ == "__main__":
    main()
