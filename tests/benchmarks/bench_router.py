"""How good the strategies are on recorded outcomes, each prompt judged by what was learned from others.

    python -m tests.benchmarks.bench_router --data DIR [--picture FILE.png]

DIR holds `routing/*.parquet` (outcomes of the pairs of RouteLLM, of nine models, of AlpacaEval); the environment may
name it too (`ROUTING_DATA`). Needs `requirements/training.txt`. The bars stand beside the figures; nothing is asserted.
Penalty, dimensions and weight of the shape were chosen with these figures in view, so they are slightly too kind.
"""

import argparse
import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.module_loading import import_string

from apps.domain.decision import RoutingRequest
from apps.domain.policy import STRATEGIES
from apps.domain.privacy import Sensitivity
from apps.routing.engine.decide import decide
from tests.benchmarks import adaptive_run
from tests.benchmarks.bench_routing import CANDIDATES, ROUNDS, catalogue, quantiles, timed
from tests.benchmarks.router_metrics import Figures, Floats, figures
from tests.benchmarks.tables import machine, table

BARS = {"routellm_mmlu": (0.66, 29.0, 61.0), "routellm_gsm8k": (0.63, None, None)}
PUBLISHED = {"routellm_mmlu": (0.603, 35.4, 70.3), "routellm_gsm8k": (0.622, 33.6, 63.3)}
FEW, FEW_BAR, SEEDS = 1_500, 0.60, range(5)
NINE_BAR = 0.640
SHARE_BAR, REGRET_BAR, RUNS = 0.15, 0.60, range(10)
NEEDED = ("sklearn", "pyarrow", "matplotlib")
REQUEST = RoutingRequest(adaptive_run.INTENT, Sensitivity.CLEAN, 1_200, 2_000, 0, frozenset(), (), "")

Outcomes = Any  # of apps.routing.training.outcomes, which an installation without scikit-learn cannot import


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_router", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("ROUTING_DATA"), metavar="DIR")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="where to draw quality against cost")
    options = parser.parse_args()
    print(f"{machine()}, Python {sys.version.split()[0]}")
    deciding()
    if options.data is None or not any((options.data / "routing").glob("*.parquet")):
        print("SKIPPED (no data)")
        return
    missing = [module for module in NEEDED if find_spec(module) is None]
    if missing:
        print(f"SKIPPED (no {', '.join(missing)}: install requirements/training.txt)")
        return
    pairs(options.data / "routing", options.picture)
    nine(options.data / "routing")
    degrading(options.data / "routing")


def deciding() -> None:
    candidates = catalogue()
    request = replace(REQUEST, explores=True, budget_used=0.9, predictions=(("model-005", 0.7), ("model-150", 0.9)))
    rows = []
    for name in STRATEGIES:
        asked = replace(request, strategy=name)
        rows.append(quantiles(name, timed([lambda asked=asked: decide(asked, candidates)] * ROUNDS)))
    table(f"Deciding among {CANDIDATES}, ms (must: < 1)", ("strategy", "best", "p50", "p95", "worst"), rows)


def read(folder: Path, name: str) -> Outcomes:
    (file,) = sorted(folder.glob(f"{name}*.parquet"))
    return import_string("apps.routing.training.outcomes.read")(file)


def matrix(folder: Path, name: str) -> Floats:
    """Outcomes of shape (prompts, models), of the prompts that every model has answered."""
    (file,) = sorted(folder.glob(f"{name}*.parquet"))
    columns = import_string("pyarrow.parquet.read_table")(file).to_pydict()
    scores = np.array([values for model, values in columns.items() if model.startswith("m:")], dtype=float).T
    return scores[np.isfinite(scores).all(axis=1)]


def predicted(outcomes: Outcomes, **options: Any) -> Floats:
    found: Floats = import_string("apps.routing.training.predictor.cross_validated")(outcomes, **options)
    return found


def gap(outcomes: Outcomes, found: Floats) -> Floats:
    """How much more each prompt needs the strong model."""
    return found[:, outcomes.models.index("strong")] - found[:, outcomes.models.index("weak")]


def judged(outcomes: Outcomes, found: Floats) -> Figures:
    strong, weak = (outcomes.scores[:, outcomes.models.index(name)] for name in ("strong", "weak"))
    return figures(gap(outcomes, found), strong, weak)


def pairs(folder: Path, picture: Path | None) -> None:
    rows: list[tuple[str | float | None, ...]] = []
    for name, bars in BARS.items():
        outcomes = read(folder, name)
        found = predicted(outcomes)
        got = judged(outcomes, found)
        rows += [(name, got.apgr, got.cpt50, got.cpt80), ("must: at least, at most, at most", *bars)]
        rows.append(("published best (RouteLLM)", *PUBLISHED[name]))
        if name == "routellm_mmlu":
            few = [judged(outcomes, predicted(outcomes, most=FEW, seed=seed)) for seed in SEEDS]
            means = [float(np.mean([getattr(one, figure) for one in few])) for figure in ("apgr", "cpt50", "cpt80")]
            rows += [(f"{name}, {FEW:,} labels, mean of {len(SEEDS)} seeds", *means), ("must", FEW_BAR, None, None)]
            if picture is not None:
                import_string("tests.benchmarks.router_picture.draw")(picture, outcomes, gap(outcomes, found))
                print(f"Quality against cost: {picture}")
    table("`learned` on pairs, 5 folds grouped by question", ("outcomes", "APGR", "CPT 50 %", "CPT 80 %"), rows)


def nine(folder: Path) -> None:
    outcomes = read(folder, "llmrouter_matrix")
    scores, lines = outcomes.scores, np.arange(len(outcomes.prompts))
    blind = replace(outcomes, tasks=())
    routed = [
        (
            f"routed by profiles of recognised cells (must: {NINE_BAR})",
            scores[lines, predicted(outcomes).argmax(axis=1)],
        ),
        ("the same, cells found without names of tasks", scores[lines, predicted(blind).argmax(axis=1)]),
        ("always the best single model", scores[:, scores.mean(axis=0).argmax()]),
        ("always the worst single model", scores[:, scores.mean(axis=0).argmin()]),
        ("at random", scores.mean(axis=1)),
        ("oracle", scores.max(axis=1)),
    ]
    table(
        f"{len(outcomes.models)} models, {len(lines):,} prompts, 5 folds", ("who answers", "mean score"),
        [(name, float(values.mean())) for name, values in routed],
    )  # fmt: skip


def degrading(folder: Path) -> None:
    rows = []
    for name in ("llmrouter_matrix", "alpacaeval_matrix"):
        scores = matrix(folder, name)
        runs = [adaptive_run.run(scores, seed) for seed in RUNS]
        share, tried = (float(np.mean([getattr(run, figure) for run in runs])) for figure in ("share", "tried"))
        regret = sum(run.regret for run in runs) / sum(run.fixed for run in runs)
        rows.append((name, scores.shape[1], tried, share, max(run.share for run in runs), regret))
    table(
        f"`adaptive`, {adaptive_run.DECISIONS:,} decisions, the best model degrades half-way, mean of {len(RUNS)} runs "
        f"(must: share < {SHARE_BAR}, regret <= {REGRET_BAR})",
        ("outcomes", "models", "others before", "share 300 after", "worst run", "regret / fixed"),
        rows,
    )


if __name__ == "__main__":
    main()
