"""How long the benchmarks measure, and which of their tables they print.

    BENCH_SECONDS=1 python -m tests.benchmarks.bench_postgres --only answers

`BENCH_SECONDS`: seconds that each load of whole answers is measured (2). Loads whose answers last take a multiple.
"""

import argparse
import os
from collections.abc import Iterable

DEFAULT_S = 2


def measured_s(times: int = 1) -> int:
    """Seconds that a load is measured, a multiple of BENCH_SECONDS. Ends the program where that is no whole number."""
    given = os.environ.get("BENCH_SECONDS", str(DEFAULT_S))
    if not given.isdecimal() or int(given) < 1:
        raise SystemExit(f"BENCH_SECONDS must be a whole number from 1, not {given!r}.")
    return int(given) * times


def add_only(parser: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """Give a parser `--only`, whose value is a list of these names in the order of the program."""
    known = list(names)

    def chosen(text: str) -> list[str]:
        asked = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := [name for name in asked if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose from: {', '.join(known)}")
        return [name for name in known if name in asked]

    parser.add_argument("--only", type=chosen, default=known, metavar="TABLE,...", help=f"of: {', '.join(known)}")


def numbers(text: str) -> list[int]:
    """`1,16,64` as an argument."""
    return [int(part) for part in text.split(",")]


def quotient(part: float | None, whole: float | None) -> float | None:
    """How often `whole` is contained; None where either is missing or nothing."""
    return part / whole if part and whole else None


def difference(one: float | None, other: float | None) -> float | None:
    """What `one` is more than `other`; None where either is missing."""
    return None if one is None or other is None else one - other
