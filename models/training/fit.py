"""The loop that every forecast model is trained by."""
from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from data import Data, Sampler, Split, rolled
from nets import Loss


@dataclass(frozen=True)
class Plan:
    """How long and how fast. Early stopping: after `patience` looks at the validation without a better one."""

    steps: int
    batch: int
    rate: float
    look_every: int
    patience: int
    minutes: float


@dataclass(frozen=True)
class Fitted:
    """The best weights of a run by the validation."""

    seed: int
    validation_loss: float
    steps: int
    minutes: float
    state: dict[str, torch.Tensor]


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(name: str, make: type[nn.Module], data: Data, split: Split, plan: Plan, seed: int, stride: int) -> Fitted:
    """Trains one network with one seed."""
    torch.manual_seed(seed)
    where = device()
    net = make().to(where)
    loss_of = Loss().to(where)
    sampler = Sampler(split.known(data), split, seed)
    x, y, _, _ = rolled(split.known(data), split, "validation", stride)
    x_val, y_val = torch.from_numpy(x), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=1e-3)
    began = time.monotonic()
    best, best_state, best_step, since = math.inf, net.state_dict(), 0, 0
    running, last = 0.0, 0
    for step in range(1, plan.steps + 1):
        # Warm up, then down along a cosine (Loshchilov and Hutter, 2017); where time is short, along the time.
        done = max(step / plan.steps, (time.monotonic() - began) / (60 * plan.minutes))
        rate = plan.rate * min(1.0, step / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
        for group in optimizer.param_groups:
            group["lr"] = rate
        x_batch, y_batch = (torch.from_numpy(part).to(where) for part in sampler.batch(plan.batch))
        net.train()
        loss = loss_of(net(x_batch), y_batch, x_batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
        if step % plan.look_every == 0 or step == plan.steps or done >= 1:
            validation = validate(net, loss_of, x_val, y_val)
            minutes = (time.monotonic() - began) / 60
            print(f"{name} seed {seed}: step {step}/{plan.steps}, {minutes:.1f} min, training {running / (step - last):.4f}, validation {validation:.4f}", file=sys.stderr, flush=True)
            running, last = 0.0, step
            if validation < best - 1e-5:
                best, best_step, since = validation, step, 0
                best_state = {key: value.detach().cpu().clone() for key, value in net.state_dict().items()}
            else:
                since += 1
            if since >= plan.patience or done >= 1:
                break
    return Fitted(seed, best, best_step, (time.monotonic() - began) / 60, best_state)


@torch.no_grad()
def validate(net: nn.Module, loss_of: Loss, x: torch.Tensor, y: torch.Tensor) -> float:
    net.eval()
    losses = [loss_of(predict_batch(net, part), y_part.to(device()), part.to(device())).item() * len(part) for part, y_part in zip(x.split(512), y.split(512))]
    return float(np.sum(losses) / len(x))


@torch.no_grad()
def predict_batch(net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return net(x.to(device()))


@torch.no_grad()
def predict(net: nn.Module, x: np.ndarray) -> np.ndarray:
    """Quantiles of many rows, in numpy."""
    net.eval()
    return np.concatenate([predict_batch(net, part).cpu().numpy() for part in torch.from_numpy(x).split(512)])
