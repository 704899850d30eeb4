"""From a trained network to a folder of `models/`: ONNX file, proof that it computes what PyTorch computes, card."""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
import yaml
from torch import nn

OPSET = 17
PARITY = 1e-5
"""Largest difference between PyTorch and ONNX, relative to the size of what is computed."""


def export(net: nn.Module, example: np.ndarray, outputs: list[str], path: Path) -> None:
    """Writes the ONNX file; the batch may have any size."""
    net.eval().cpu()
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {name: {0: "batch"} for name in ["features", *outputs]}
    torch.onnx.export(net, (torch.from_numpy(example),), str(path), input_names=["features"], output_names=outputs, dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    onnx.checker.check_model(onnx.load(str(path)))


def run(path: Path, x: np.ndarray) -> list[np.ndarray]:
    """The outputs of an ONNX file, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [np.asarray(output) for output in session.run(None, {"features": x})]


@torch.no_grad()
def parity(net: nn.Module, path: Path, x: np.ndarray, unit: float) -> float:
    """Largest difference between both, relative to the largest figure of the same row, and at least to `unit`. Raises where it is above PARITY."""
    given = net.eval().cpu()(torch.from_numpy(x))
    worst = 0.0
    for wanted, found in zip(given if isinstance(given, tuple) else (given,), run(path, x)):
        wanted = wanted.numpy().reshape(len(x), -1)
        found = found.reshape(len(x), -1)
        size = np.maximum(np.abs(wanted).max(axis=1, keepdims=True), unit)
        worst = max(worst, float((np.abs(wanted - found) / size).max()))
    if worst > PARITY:
        raise SystemExit(f"{path}: ONNX differs from PyTorch by {worst:.2e}, allowed is {PARITY:.0e}")
    return worst


def plain(value: Any) -> Any:
    """Figures as a card has them: four digits, no numpy; a float that is not a number stays one."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.4g}")
    return value.item() if isinstance(value, np.generic) else value


def probe(path: Path, x: np.ndarray) -> dict[str, Any]:
    """One row and what comes of it: what a host proves the model by when it loads it."""
    row = x[:1].astype(np.float32)
    return {"tolerance": 1e-3, "input": [float(f"{value:.9g}") for value in row.reshape(-1)], "outputs": [[float(f"{value:.9g}") for value in output.reshape(-1)] for output in run(path, row)]}


class Flow(list):
    """A list that stands in one line."""


yaml.SafeDumper.add_representer(Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True))


def flowing(value: Any) -> Any:
    """Lists of plain values in one line each."""
    if isinstance(value, dict):
        return {key: flowing(one) for key, one in value.items()}
    if isinstance(value, list):
        return Flow(value) if all(not isinstance(one, (dict, list)) for one in value) else [flowing(one) for one in value]
    return value


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes `card.yaml`; version and hash are put in: the version counts up where the file is another than before."""
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    path = folder / "card.yaml"
    before = yaml.safe_load(path.read_text()) if path.exists() else None
    version = 1 if before is None else before["version"] + (before["sha256"] != digest)
    head = {"name": card.pop("name"), "version": version, "task": card.pop("task"), "sha256": digest, "bytes": (folder / "model.onnx").stat().st_size, "opset": OPSET}
    probe_of = card.pop("probe")
    text = yaml.safe_dump(flowing({**head, **plain(card), "probe": probe_of}), sort_keys=False, allow_unicode=True, width=160)
    path.write_text("# Written by models/training. What the fields are: docs/models.md\n" + text)
    print(f"{folder.name}: version {version}, {digest[:8]}")
