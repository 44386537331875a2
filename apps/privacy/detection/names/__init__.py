"""A gazetteer of first and last names, and of those that are ordinary words as well."""

from functools import cache
from pathlib import Path
from unicodedata import combining, normalize

_FOLDER = Path(__file__).parent


def read(name: str) -> frozenset[str]:
    """The names of one list, each with and without its accents, in lower case."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").lower().splitlines()
    found = {line for line in lines if line and not line.startswith("#")}
    return frozenset(found | {plain(line) for line in found})


def plain(name: str) -> str:
    """Without accents: Kálmán is also written Kalman."""
    return "".join(c for c in normalize("NFD", name) if not combining(c)) if not name.isascii() else name


@cache
def first() -> frozenset[str]:
    return read("first")


@cache
def last() -> frozenset[str]:
    return read("last")


@cache
def ambiguous() -> frozenset[str]:
    return read("ambiguous")


@cache
def _known_to_the_world() -> frozenset[str]:
    return read("public") | read("fictional")


def is_public(name: str) -> bool:
    """Whether the whole name is that of somebody whom the world knows, or of fiction."""
    bare = name.lower().removesuffix("'s").removesuffix("’s")
    return bare in _known_to_the_world() or plain(bare) in _known_to_the_world()
