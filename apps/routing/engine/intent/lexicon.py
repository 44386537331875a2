"""Concepts behind words of five languages, read once from `lexicon.txt`: what is wanted (`@`) and what about (`%`)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("lexicon.txt")
_PREFIX: Final = 3
"""Stems are found by their first letters; shorter stems must be whole words."""

Stems = Mapping[str, Sequence[tuple[str, str]]]


@lru_cache(maxsize=1)
def _entries() -> tuple[Mapping[str, tuple[str, ...]], Stems]:
    """Whole words with their concepts, and stems by their first letters."""
    words: dict[str, tuple[str, ...]] = {}
    stems: dict[str, list[tuple[str, str]]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(("@", "%")):
            continue
        concept, _, entries = line.partition(": ")
        for entry in entries.split():
            stem = entry.rstrip("*")
            if stem != entry and len(stem) >= _PREFIX:
                stems.setdefault(stem[:_PREFIX], []).append((stem, concept))
            else:
                words[stem] = (*words.get(stem, ()), concept)
    return words, stems


def concepts(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The place of each word that carries a concept, with the concept; a word may carry several."""
    whole, stems = _entries()
    for place, word in enumerate(words):
        for concept in whole.get(word, ()):
            yield place, concept
        for stem, concept in stems.get(word[:_PREFIX], ()):
            if word.startswith(stem):
                yield place, concept
