"""Quality against cost as a PNG: `learned` at every share, beside always-best, always-cheapest, chance, oracle."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tests.benchmarks.router_metrics import Floats

POINTS = 101
DEARER = 42.0
"""How many times the strong model's tokens cost those of the weak one: $10 and $30 against $0.24 a million."""


def draw(path: Path, outcomes: Any, need: Floats) -> None:
    """Write the picture. Costs are relative to those of always asking the strong model."""
    strong, weak = (outcomes.scores[:, outcomes.models.index(name)] for name in ("strong", "weak"))
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(*_curve(need, strong, weak), label="learned", linewidth=2)
    axes.plot(*_curve(strong - weak, strong, weak), label="oracle", linestyle=":")
    ends = np.array([_cost(0.0), _cost(1.0)])
    axes.plot(ends, [weak.mean(), strong.mean()], label="at random", linestyle="--", color="grey")
    axes.scatter(ends[1:], [strong.mean()], label="always the best", marker="s", zorder=3)
    axes.scatter(ends[:1], [weak.mean()], label="always the cheapest", marker="o", zorder=3)
    axes.set_xlabel("cost, % of always asking the strong model")
    axes.set_ylabel("share of good answers")
    axes.set_title(f"{len(need):,} prompts, each judged by what was learned from others")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, format="png", dpi=120)


def _curve(need: Floats, strong: Floats, weak: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(-need, kind="stable")
    gained = np.concatenate([[0.0], np.cumsum((strong - weak)[order])]) / len(need)
    places = np.linspace(0, len(need), POINTS).astype(int)
    return _cost(places / len(need)), weak.mean() + gained[places]


def _cost(share: Any) -> Any:
    return 100.0 * (share + (1.0 - share) / DEARER)
