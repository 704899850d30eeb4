"""Series of windows, and what is cut from them to train and to test on.

A folder of series holds `series.json`, `series.f32` and, where known, `happenings.u8`; `models/series/series-file.ts` writes it, of simulated
traffic, of a database or of CSV files. Times are split, not rows: everything of the training lies before everything of the validation, and that before the test.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

STEPS = 60
"""Windows that a forecast knows."""
HORIZONS = (1, 3, 12, 288)
"""Windows of 5 minutes to the one that is forecast: 5 min, 15 min, 1 h, 24 h."""
QUANTILES = (0.05, 0.10, 0.50, 0.90, 0.95)
INPUTS = 10
"""Features of a window that the forecast models take; what follows in a row is for the autoencoder."""
BYTES = 0


@dataclass(frozen=True)
class Series:
    """One subject: `rows` are [windows, columns]."""

    name: str
    rows: np.ndarray
    happenings: np.ndarray | None


@dataclass(frozen=True)
class Data:
    """A folder of series."""

    origin: str
    columns: list[str]
    window_ms: int
    series: list[Series]


def load(folder: Path) -> Data:
    """Reads a folder; the rows stay in the file until they are used."""
    text = json.loads((folder / "series.json").read_text())
    columns = text["columns"]
    rows = np.memmap(folder / "series.f32", dtype="<f4", mode="r").reshape(-1, len(columns))
    path = folder / "happenings.u8"
    happenings = np.memmap(path, dtype=np.uint8, mode="r") if path.exists() else None
    series = []
    for entry in text["series"]:
        at = slice(entry["offset"], entry["offset"] + entry["rows"])
        series.append(Series(entry["name"], rows[at], None if happenings is None else happenings[at]))
    return Data(text["origin"], columns, text["series"][0]["windowMs"], series)


@dataclass(frozen=True)
class Split:
    """Shares of the time, from the first window of a series; the last share of the series is held out of training and validation altogether."""

    train: float = 0.70
    validation: float = 0.10
    held_out_series: float = 0.15

    def known(self, data: Data) -> list[Series]:
        return data.series[: len(data.series) - round(self.held_out_series * len(data.series))]

    def unknown(self, data: Data) -> list[Series]:
        return data.series[len(data.series) - round(self.held_out_series * len(data.series)) :]

    def windows(self, part: str, rows: int) -> tuple[int, int]:
        """First and last + 1 window of a part. What is forecast lies in it too: no value of a later part is seen in an earlier one."""
        train, validation = int(self.train * rows), int((self.train + self.validation) * rows)
        return {"train": (0, train), "validation": (train, validation), "test": (validation, rows)}[part]


def origins(split: Split, part: str, rows: int) -> tuple[int, int]:
    """Origins of a part: windows up to but not including the origin are known, `origin + horizon - 1` is forecast."""
    first, last = split.windows(part, rows)
    return max(first, STEPS), last - max(HORIZONS) + 1


def cut(series: Series, origin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inputs [n, STEPS, INPUTS] and what comes, in bytes [n, horizons], of one series at several origins."""
    at = origin[:, None] + np.arange(-STEPS, 0)[None, :]
    ahead = origin[:, None] + np.array(HORIZONS)[None, :] - 1
    return np.ascontiguousarray(series.rows[at, :INPUTS]), np.ascontiguousarray(series.rows[ahead, BYTES])


class Sampler:
    """Draws batches of the training part, every series as often as any other."""

    def __init__(self, series: list[Series], split: Split, seed: int) -> None:
        self.series = series
        self.split = split
        self.random = np.random.default_rng(seed)

    def batch(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        x = np.empty((size, STEPS, INPUTS), np.float32)
        y = np.empty((size, len(HORIZONS)), np.float32)
        for i, which in enumerate(self.random.integers(len(self.series), size=size)):
            series = self.series[which]
            first, last = origins(self.split, "train", len(series.rows))
            x[i : i + 1], y[i : i + 1] = cut(series, self.random.integers(first, last, size=1))
        return self.forget(x), y

    def forget(self, x: np.ndarray) -> np.ndarray:
        """Makes features other than the bytes unknown: all of them in some rows, groups of them or single windows in others."""
        random = self.random
        some = random.random(len(x))
        x[some < 0.25, :, 1:7] = np.nan
        for group in ((1, 2), (2, 4), (4, 7), (9, 10)):
            x[random.random(len(x)) < 0.1, :, group[0] : group[1]] = np.nan
        x[..., 1:7][random.random((len(x), STEPS)) < 0.01] = np.nan
        return x


def rolled(series: list[Series], split: Split, part: str, stride: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every `stride`-th origin of a part, of all series: inputs, what comes, the same window a day before what comes (the seasonal baseline), index of the series."""
    xs, ys, days, of = [], [], [], []
    for i, one in enumerate(series):
        first, last = origins(split, part, len(one.rows))
        origin = np.arange(max(first, max(HORIZONS)), last, stride)
        x, y = cut(one, origin)
        before = origin[:, None] + np.array(HORIZONS)[None, :] - 1 - max(HORIZONS)
        xs.append(x)
        ys.append(y)
        days.append(one.rows[before, BYTES])
        of.append(np.full(len(origin), i))
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(days), np.concatenate(of)
