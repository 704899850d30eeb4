"""The forecast models. Each takes raw features [batch, 60, 10] (NaN: not known) and gives quantiles [batch, 4, 5] in bytes a window.

What makes raw figures fit for a network is part of the graph. Everything is relative to the mean of the bytes of the 60 windows, so a model serves a host as it
serves a backbone; what it gives is a correction of what the windows hold, and begins, untrained, as persistence.
"""
from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from data import HORIZONS, INPUTS, QUANTILES, STEPS

ENCODED = 17
FLOOR = 0.02
"""Least spread, relative to the mean of the windows: what is quite steady can still change."""


class Encoding(nn.Module):
    """Raw features to what networks work on."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features [batch, 60, ENCODED], bytes relative to their mean [batch, 60], that mean [batch, 1], mean step from window to window [batch, 1]."""
        known = ~torch.isnan(x)
        zero = torch.where(known, x, torch.zeros_like(x))
        count = known.float().sum(dim=1, keepdim=True).clamp(min=1.0)
        mean = zero.sum(dim=1, keepdim=True) / count
        scale = mean[:, :, 0].clamp(min=1e-3)
        filled = torch.where(known, x, mean.expand_as(x))
        relative = filled[:, :, 0] / scale
        restless = (relative[:, 1:] - relative[:, :-1]).abs().mean(dim=1, keepdim=True)
        amounts = torch.log((filled[:, :, 0:4] + 0.05 * mean[:, :, 0:4] + 1e-3) / (1.05 * mean[:, :, 0:4] + 1e-3))
        shares = torch.where(known[:, :, 4:7], zero[:, :, 4:7] - 0.3, torch.zeros_like(zero[:, :, 4:7]))
        day = 2 * math.pi * zero[:, :, 7:8]
        week = 2 * math.pi * zero[:, :, 8:9]
        trend = zero[:, :, 9:10].clamp(-1.0, 1.0)
        flows = torch.log1p(mean[:, :, 2:3]).expand(-1, STEPS, 1) / 10
        spread = torch.log(restless + 0.01).unsqueeze(1).expand(-1, STEPS, 1) / 3
        flags = known[:, :, 0:3].float()
        encoded = torch.cat((amounts, shares, day.sin(), day.cos(), week.sin(), week.cos(), trend, flows, spread, flags), dim=2)
        return encoded, relative, scale, restless


class Head(nn.Module):
    """From a summary of the windows to quantiles.

    The median is a weighted mean of the 60 windows, weights by the summary, times a factor; the other quantiles lie beside it at distances that cannot be
    negative, in units of how restless the series is. So quantiles never cross.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weights = nn.Linear(width, len(HORIZONS) * STEPS)
        self.factors = nn.Linear(width, len(HORIZONS))
        self.spreads = nn.Linear(width, len(HORIZONS) * 4)
        with torch.no_grad():
            for layer in (self.weights, self.factors, self.spreads):
                layer.weight.mul_(0.1)
                layer.bias.zero_()
            # The last window first: persistence is where it begins.
            recent = -0.8 * torch.arange(STEPS - 1, -1, -1).float().clamp(max=6)
            self.weights.bias.copy_(recent.repeat(len(HORIZONS)))

    def forward(self, summary: Tensor, relative: Tensor, scale: Tensor, restless: Tensor) -> Tensor:
        weights = self.weights(summary).reshape(-1, len(HORIZONS), STEPS).softmax(dim=2)
        level = torch.matmul(weights, relative.unsqueeze(2)).squeeze(2)
        median = level * torch.exp(self.factors(summary).clamp(-3.0, 3.0))
        steps = nn.functional.softplus(self.spreads(summary)).reshape(-1, len(HORIZONS), 4) * (restless + FLOOR).unsqueeze(2)
        p10 = median - steps[:, :, 0]
        p90 = median + steps[:, :, 2]
        quantiles = torch.stack((p10 - steps[:, :, 1], p10, median, p90, p90 + steps[:, :, 3]), dim=2)
        return quantiles.clamp(min=0.0) * scale.unsqueeze(2)


class LSTM(nn.Module):
    """Three layers of 128 cells over the windows (Hochreiter and Schmidhuber, 1997)."""

    def __init__(self) -> None:
        super().__init__()
        self.encoding = Encoding()
        self.lstm = nn.LSTM(ENCODED, 128, num_layers=3, batch_first=True)
        self.head = Head(128)

    def forward(self, x: Tensor) -> Tensor:
        encoded, relative, scale, restless = self.encoding(x)
        states, _ = self.lstm(encoded)
        return self.head(states[:, -1], relative, scale, restless)


class Block(nn.Module):
    """Attention and a feed-forward layer, each beside what it is added to, normalised before (Vaswani et al., 2017; Xiong et al., 2020)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.attended = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        width = x.shape[2]
        parts = self.attended(self.before(x)).reshape(-1, STEPS, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        attention = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(width // self.heads)
        seen = torch.matmul(attention.softmax(dim=3), value).transpose(1, 2).reshape(-1, STEPS, width)
        x = x + self.joined(seen)
        return x + self.feed(self.between(x))


class Transformer(nn.Module):
    """Four layers of eight heads, 128 wide, over the windows."""

    def __init__(self) -> None:
        super().__init__()
        self.encoding = Encoding()
        self.embedding = nn.Linear(ENCODED, 128)
        self.position = nn.Parameter(0.02 * torch.randn(STEPS, 128))
        self.blocks = nn.Sequential(*(Block(128, 8) for _ in range(4)))
        self.after = nn.LayerNorm(128)
        self.head = Head(128)

    def forward(self, x: Tensor) -> Tensor:
        encoded, relative, scale, restless = self.encoding(x)
        states = self.after(self.blocks(self.embedding(encoded) + self.position))
        return self.head(states[:, -1], relative, scale, restless)


class Linear(nn.Module):
    """One linear function of the 60 windows for all series, a quantile and horizon each; of the time of day and week, and of how restless the series is."""

    def __init__(self) -> None:
        super().__init__()
        self.encoding = Encoding()
        self.function = nn.Linear(STEPS + 6, len(HORIZONS) * len(QUANTILES))
        with torch.no_grad():
            self.function.weight.zero_()
            self.function.bias.zero_()
            self.function.weight[:, STEPS - 1] = 1.0
            self.function.weight[:, STEPS] = torch.tensor([-2.0, -1.4, 0.0, 1.4, 2.0]).repeat(len(HORIZONS))

    def forward(self, x: Tensor) -> Tensor:
        encoded, relative, scale, restless = self.encoding(x)
        time = encoded[:, -1, 7:11] * 0.1
        trend = encoded[:, -1, 11:12]
        given = torch.cat((relative, restless, time, trend), dim=1)
        quantiles = self.function(given).reshape(-1, len(HORIZONS), len(QUANTILES))
        # Functions of their own may cross: in order again.
        return quantiles.sort(dim=2).values.clamp(min=0.0) * scale.unsqueeze(2)


NETS: dict[str, type[nn.Module]] = {"linear": Linear, "lstm": LSTM, "transformer": Transformer}


class Loss(nn.Module):
    """Pinball loss of the quantiles (Koenker and Bassett, 1978), in units of how restless a series is, so that every series counts alike."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("levels", torch.tensor(QUANTILES))
        self.register_buffer("weights", torch.tensor([1.0, 0.8, 0.5, 0.25]))

    def forward(self, quantiles: Tensor, comes: Tensor, x: Tensor) -> Tensor:
        with torch.no_grad():
            _, _, scale, restless = Encoding()(x)
            unit = (scale * (restless + FLOOR)).unsqueeze(2)
            # A single burst of a hundred times the usual must not outweigh a batch.
            comes = torch.minimum(comes, 30 * scale)
        over = comes.unsqueeze(2) - quantiles
        pinball = torch.maximum(self.levels * over, (self.levels - 1) * over) / unit
        return (pinball.mean(dim=2) * self.weights).mean()


def count(net: nn.Module) -> int:
    """Parameters of a network."""
    return sum(parameter.numel() for parameter in net.parameters())


assert INPUTS == 10
