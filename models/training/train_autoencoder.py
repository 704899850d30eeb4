"""Trains the autoencoder: `python train_autoencoder.py --data FOLDER [FOLDER …] --runs FOLDER --seed 1`.

It sees only windows in which nothing happened; the threshold is mean + 2 sigma of its error on those of the validation. Split by time, as the forecast models.
"""
from __future__ import annotations

import argparse
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from autoencoder import Autoencoder, inputs
from data import Data, Split, load

BATCH = 512
LOOK_EVERY = 500


@dataclass(frozen=True)
class Part:
    """Windows of a part: inputs [n, 10], what happened in each, and which series is of those held out."""

    x: np.ndarray
    happened: np.ndarray
    unknown: np.ndarray


def part(data: list[Data], split: Split, name: str) -> Part:
    """All windows of a part. Series that are held out are in the test alone."""
    xs, happened, unknown = [], [], []
    for one in data:
        held_out = {series.name for series in split.unknown(one)}
        for series in one.series:
            if name != "test" and series.name in held_out:
                continue
            first, last = split.windows(name, len(series.rows))
            xs.append(inputs(series.rows[first:last], one.columns))
            happened.append(np.zeros(last - first, np.uint8) if series.happenings is None else series.happenings[first:last])
            unknown.append(np.full(last - first, series.name in held_out))
    return Part(np.concatenate(xs), np.concatenate(happened), np.concatenate(unknown))


def forget(x: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Makes groups of features unknown here and there: interfaces that are polled have no flows."""
    x = x.clone()
    some = torch.rand(len(x), generator=random)
    x[some < 0.1, 1:7] = math.nan
    x[(some >= 0.1) & (some < 0.15), 2:7] = math.nan
    return x


@torch.no_grad()
def errors(net: Autoencoder, x: np.ndarray) -> np.ndarray:
    """The error of every window."""
    net.eval()
    return np.concatenate([net(chunk)[0].numpy() for chunk in torch.from_numpy(x).split(8192)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    random = torch.Generator().manual_seed(given.seed)
    data, split = [load(folder) for folder in given.data], Split()
    train, validation = part(data, split, "train"), part(data, split, "validation")
    x = torch.from_numpy(train.x[train.happened == 0])
    calm = validation.x[validation.happened == 0]
    net = Autoencoder()
    net.learn_scale(x)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, given.steps, 2e-5)
    held = torch.from_numpy(calm[:: max(1, len(calm) // 20000)])
    best, best_state, since, began = math.inf, net.state_dict(), 0, time.monotonic()
    for step in range(1, given.steps + 1):
        net.train()
        loss = net.loss(forget(x[torch.randint(len(x), (BATCH,), generator=random)], random), random)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % LOOK_EVERY == 0 or step == given.steps:
            with torch.no_grad():
                value = net.loss(held, torch.Generator().manual_seed(0)).item()
            print(f"autoencoder seed {given.seed}: step {step}/{given.steps}, {(time.monotonic() - began) / 60:.1f} min, training {loss.item():.4f}, validation {value:.4f}", file=sys.stderr, flush=True)
            if value < best - 1e-5:
                best, since = value, 0
                best_state = {key: tensor.clone() for key, tensor in net.state_dict().items()}
            else:
                since += 1
            if since >= 8:
                break
    net.load_state_dict(best_state)
    error = errors(net, calm)
    threshold = float(error.mean() + 2 * error.std())
    print(f"autoencoder seed {given.seed}: error of calm windows {error.mean():.4f} +- {error.std():.4f}, threshold {threshold:.4f}", file=sys.stderr)
    given.runs.mkdir(parents=True, exist_ok=True)
    torch.save({"seed": given.seed, "validation_loss": best, "state": best_state, "threshold": threshold, "mean": float(error.mean()), "sigma": float(error.std()), "minutes": (time.monotonic() - began) / 60}, given.runs / f"autoencoder-{given.seed}.pt")


if __name__ == "__main__":
    main()
