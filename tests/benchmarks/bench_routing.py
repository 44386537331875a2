"""What recognising and deciding cost, and how steady the recogniser is under typing errors.

    python -m tests.benchmarks.bench_routing [--data DIR [--folds]]

DIR holds `routing/intent*.parquet`, labelled prompts: with them it says how often the recogniser is right. What its
cross-validation measured stands in `apps/routing/engine/intent/MODEL_CARD.md`; `--folds` measures it again (minutes).
"""

import argparse
import os
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from apps.domain.catalogue import Candidate, Cell, Hosting, Profile
from apps.domain.decision import RoutingRequest
from apps.domain.ids import ProviderId
from apps.domain.intent import DOMAINS, TASKS
from apps.domain.money import Price
from apps.domain.policy import Constraint
from apps.domain.privacy import Sensitivity
from apps.routing.engine.decide import STRATEGIES, decide
from apps.routing.engine.intent.recogniser import heads, meanings, recognise, speller
from apps.routing.engine.profile import expected_quality, with_profile
from apps.routing.training.measure import misspelt
from apps.routing.training.rows import written
from tests.benchmarks.intent_figures import intents
from tests.benchmarks.tables import machine, table

CANDIDATES = 200
ROUNDS = 300
SEED = 7
ODD = {
    "100,000 words": "wort " * 100_000,
    "100,000 line feeds": "\n" * 100_000,
    "code of 4,000 characters": "for i in range(10): print(f(i));\n" * 125,
    "brackets": "((((" * 25_000,
}


def catalogue() -> tuple[Candidate, ...]:
    """Candidates that differ in everything a decision looks at."""
    return tuple(
        Candidate(
            model=f"model-{number:03}",
            upstream="u",
            provider=ProviderId(number % 9),
            provider_name=f"provider-{number % 9}",
            hosting=Hosting.SELF_HOSTED if number % 7 == 0 else Hosting.COMMERCIAL,
            region="eu" if number % 2 else "us",
            context_tokens=32_000 + 1_000 * number,
            max_output_tokens=4_000,
            price=Price(Decimal(number) / 100, Decimal(number) / 25),
            capabilities=frozenset({"tools"}),
            strengths=(("coding", number / CANDIDATES), ("writing", 0.5)),
        )
        for number in range(CANDIDATES)
    )


def timed(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of each call, sorted."""
    found = []
    for call in calls:
        started = time.perf_counter_ns()
        call()
        found.append((time.perf_counter_ns() - started) / 1e6)
    return sorted(found)


def quantiles(name: str, ms: Sequence[float]) -> tuple[str | float, ...]:
    return (name, ms[0], statistics.median(ms), ms[int(len(ms) * 0.95)], ms[-1])


def recognising() -> None:
    tracemalloc.start()
    heads()
    meanings()
    speller()
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    prompts = [row.prompt for row in written()]
    rows = [quantiles(f"{len(prompts)} prompts", timed([lambda text=text: recognise(text) for text in prompts]))]
    rows += [quantiles(name, timed([lambda text=text: recognise(text)] * 20)) for name, text in ODD.items()]
    table("Recognising, ms (must: p50 < 0.5, p95 < 5)", ("text", "best", "p50", "p95", "worst"), rows)
    chance = random.Random(SEED)
    same = sum(recognise(text).task == recognise(misspelt(text, chance)).task for text in prompts)
    table(
        "The recogniser",
        ("figure", "value"),
        [("MB in memory", size), ("same task in spite of typing errors", same / len(prompts))],
    )


def measured(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The same, each with every cell measured."""
    kinds = [(task, domain) for task in TASKS for domain in DOMAINS]
    return tuple(
        with_profile(candidate, Profile(tuple(Cell(*kind, float(number % 7), 20.0, 20.0) for kind in kinds)))
        for number, candidate in enumerate(candidates)
    )


def expecting() -> None:
    """What a candidate is worth for a question: the first time after its profile was loaded, and from then on."""
    intents = [recognise(row.prompt) for row in written()[:ROUNDS]]
    rows = []
    for name, candidates in (("nothing measured", catalogue()), ("every cell measured", measured(catalogue()))):
        calls = [lambda asked=asked: [expected_quality(each, asked) for each in candidates] for asked in intents]  # noqa: B023 - called before the next round
        rows += [quantiles(f"{name}, first", timed(calls[:1])), quantiles(name, timed(calls))]
    table(f"Expected quality of {CANDIDATES}, ms", ("profiles", "best", "p50", "p95", "worst"), rows)


def deciding() -> None:
    candidates = measured(catalogue())
    request = RoutingRequest(
        intent=recognise("Write a Python function that merges two sorted lists"),
        sensitivity=Sensitivity.CLEAN,
        input_tokens=1_200,
        output_tokens=2_000,
        images=0,
        needs=frozenset({"tools"}),
        constraints=(Constraint("deny", "models", frozenset({"model-005"}), "not this one"),),
        strategy="",
    )
    rows = []
    for name in sorted(STRATEGIES):
        asked = replace(request, strategy=f"{name}:model-003" if name == "fixed" else name, preferred=("model-003",))
        rows.append(quantiles(name, timed([lambda asked=asked: decide(asked, candidates)] * ROUNDS)))
    table(f"Deciding among {CANDIDATES}, ms (must: < 1)", ("strategy", "best", "p50", "p95", "worst"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_routing", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("ROUTING_DATA"), metavar="DIR")
    parser.add_argument("--folds", action="store_true", help="train five times and measure by cross-validation")
    options = parser.parse_args()
    print(f"{machine()}, Python {sys.version.split()[0]}")
    recognising()
    expecting()
    deciding()
    intents(options.data and Path(options.data), folds=options.folds)
