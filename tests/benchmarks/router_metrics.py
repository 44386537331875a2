"""How well a router divides prompts between a strong and a weak model, as RouteLLM defines it (arXiv 2406.18665).

`score` orders the prompts: the higher, the more it needs the strong model. Outcomes are in [0, 1], shares in percent.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CUTS = 11
"""The curve is drawn through so many thresholds, at equal shares of the scores."""


@dataclass(frozen=True, slots=True)
class Figures:
    """APGR is the average share of the gap between weak and strong that is recovered; CPT50 the percentage of prompts
    that must go to the strong model to recover half of it."""

    apgr: float
    cpt50: float
    cpt80: float


def curve(score: Floats, strong: Floats, weak: Floats) -> tuple[Floats, Floats]:
    """Percentage of prompts that go to the strong model, and mean outcome, at each threshold; from none to all."""
    points = []
    cuts = np.quantile(score, np.linspace(0.0, 1.0, CUTS))
    for number, cut in enumerate(cuts):
        above = score > cut if number == CUTS - 1 else score >= cut
        points.append((100.0 * above.mean(), np.where(above, strong, weak).mean()))
    points.sort(key=lambda point: point[0])
    found = np.array(points)
    return found[:, 0], found[:, 1]


def figures(score: Floats, strong: Floats, weak: Floats) -> Figures:
    """The three figures of one router.

    Raises:
        ValueError: the strong model is not better, so there is no gap to recover.
    """
    low, high = float(weak.mean()), float(strong.mean())
    if high <= low:
        raise ValueError("the strong model is not better on average")
    percent, mean = curve(score, strong, weak)
    share = percent / 100.0
    area = float(np.sum((mean[1:] + mean[:-1]) * np.diff(share) / 2.0))
    span = float(share[-1] - share[0])  # 1, unless equal scores keep the curve from its ends
    needed = [float(np.interp(low + part * (high - low), mean, percent)) for part in (0.5, 0.8)]
    return Figures((area - low * span) / ((high - low) * span), *needed)
