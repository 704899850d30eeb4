"""The autoencoder: one window in, how unlike the usual it is out.

It is trained to take noise away (Vincent et al., 2008): a window is disturbed, features are withheld, and the network gives the window as it was. Without that, 10 features
through a waist of 32 would be copied; with it, the reconstruction of an unusual window is drawn towards what is usual, and the distance tells (Alain and Bengio, 2014).
"""
from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

FEATURES = ("bytes", "packets", "flows", "meanDurationMs", "tcpShare", "udpShare", "icmpShare", "dayFraction", "movingAverage", "trend")
"""Raw inputs, in this order: the ten features with the moving average in the place of the week."""
RESIDUALS = (
    "bytes against their moving average", "bytes a packet", "packets a flow", "mean duration of a flow", "TCP's share", "UDP's share", "ICMP's share", "time of day",
    "level", "trend",
)
"""What each residual is about."""
NOISE = 0.4
WITHHELD = 0.15
SPIKES = 0.1
"""Share of the features that are far off, by SPIKE standard deviations: so that what is wrong with one feature is not blamed on the others."""
SPIKE = 4.0


def encoded(x: Tensor) -> tuple[Tensor, Tensor]:
    """Raw features [n, 10] to figures that can be compared [n, 10], and which of them are known."""
    known = ~torch.isnan(x)
    raw = torch.where(known, x, torch.zeros_like(x))
    size = raw[:, 0:4] + torch.tensor([100.0, 1.0, 1.0, 1.0])
    average = raw[:, 8:9] + 100.0
    logs = torch.log(size)
    columns = (
        logs[:, 0:1] - torch.log(average), logs[:, 0:1] - logs[:, 1:2], logs[:, 1:2] - logs[:, 2:3], logs[:, 3:4], raw[:, 4:5], raw[:, 5:6], torch.sqrt(raw[:, 6:7].clamp(min=0.0)),
        torch.cos(2 * math.pi * raw[:, 7:8]), torch.log(average), raw[:, 9:10].clamp(-1.0, 1.0),
    )
    there = (
        known[:, 0:1] & known[:, 8:9], known[:, 0:1] & known[:, 1:2], known[:, 1:2] & known[:, 2:3], known[:, 3:4], known[:, 4:5], known[:, 5:6], known[:, 6:7],
        known[:, 7:8], known[:, 8:9], known[:, 9:10],
    )
    return torch.cat(columns, dim=1), torch.cat(there, dim=1)


class Autoencoder(nn.Module):
    """10-128-64-32-64-128-10. Gives the error [batch], a root mean square over the known features in standard deviations, and the residuals [batch, 10], 0 where not known."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(10))
        self.register_buffer("deviation", torch.ones(10))
        widths = (10, 128, 64, 32, 64, 128)
        layers: list[nn.Module] = []
        for one, other in zip(widths, widths[1:]):
            layers += [nn.Linear(one, other), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.Linear(128, 10))

    def standard(self, x: Tensor) -> tuple[Tensor, Tensor]:
        figures, known = encoded(x)
        return torch.where(known, ((figures - self.mean) / self.deviation).clamp(-12.0, 12.0), torch.zeros_like(figures)), known

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        figures, known = self.standard(x)
        residuals = torch.where(known, figures - self.net(figures), torch.zeros_like(figures))
        count = known.float().sum(dim=1).clamp(min=1.0)
        return torch.sqrt((residuals * residuals).sum(dim=1) / count), residuals

    def learn_scale(self, x: Tensor) -> None:
        """Takes means and deviations from the training part."""
        figures, known = encoded(x)
        for i in range(10):
            column = figures[known[:, i], i]
            self.mean[i] = column.mean()
            self.deviation[i] = column.std().clamp(min=1e-3)

    def loss(self, x: Tensor, random: torch.Generator) -> Tensor:
        """Squared error of the figures as they were, from disturbed ones."""
        figures, known = self.standard(x)
        spiked = torch.rand(figures.shape, generator=random) < SPIKES
        disturbed = figures + torch.where(spiked, SPIKE, NOISE) * torch.randn(figures.shape, generator=random)
        withheld = torch.rand(figures.shape, generator=random) < WITHHELD
        given = torch.where(withheld | ~known, torch.zeros_like(figures), disturbed)
        error = (self.net(given) - figures) ** 2
        return (error * known).sum() / known.sum()


def inputs(rows: np.ndarray, columns: list[str]) -> np.ndarray:
    """The autoencoder's inputs from rows of a series."""
    return np.ascontiguousarray(rows[:, [columns.index(name) for name in FEATURES]], dtype=np.float32)
