"""Trains one forecast model with one seed: `python train_forecast.py --model lstm --seed 1 --data FOLDER --runs FOLDER`.

What comes of it, the weights that were best in the validation, lies in `RUNS/lstm-1.pt`; `publish_forecast.py` tests and exports them.
"""
from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path

import torch

from data import Split, load
from fit import Plan, fit
from nets import NETS

PLANS: dict[str, Plan] = {
    "linear": Plan(steps=4000, batch=256, rate=3e-3, look_every=250, patience=6, minutes=2),
    "lstm": Plan(steps=12000, batch=64, rate=2e-3, look_every=250, patience=12, minutes=13),
    "transformer": Plan(steps=9000, batch=64, rate=1e-3, look_every=250, patience=12, minutes=13),
}
"""Sizes for two quiet CPU cores; a GPU takes the same steps in a fraction of the time."""
STRIDE = 203
"""Windows between the origins that are validated on: no divisor of a day or an hour."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(NETS), required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--steps", type=int, help="instead of those of the plan")
    parser.add_argument("--minutes", type=float, help="longest time; instead of that of the plan")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    plan = asdict(PLANS[given.model])
    if given.steps is not None:
        plan |= {"steps": given.steps, "look_every": max(1, min(plan["look_every"], given.steps // 4))}
    if given.minutes is not None:
        plan["minutes"] = given.minutes
    data = load(given.data)
    fitted = fit(given.model, NETS[given.model], data, Split(), Plan(**plan), given.seed, STRIDE)
    given.runs.mkdir(parents=True, exist_ok=True)
    torch.save({**asdict(fitted), "plan": plan, "model": given.model}, given.runs / f"{given.model}-{given.seed}.pt")


if __name__ == "__main__":
    main()
