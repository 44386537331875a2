"""Short programs for demo answers, found by the words of a question in `snippets.toml`."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.operations.demo_models.prose import Pair


@dataclass(frozen=True, slots=True)
class Snippet:
    """`what` it does and what to `watch`, as ends of sentences; `test` shows it at work."""

    words: re.Pattern[str]
    language: str
    code: str
    test: str
    what: Pair
    watch: Pair


def _load() -> tuple[Snippet, ...]:
    file = tomllib.loads((Path(__file__).parent / "snippets.toml").read_text(encoding="utf-8"))
    return tuple(
        Snippet(
            words=re.compile(rf"\b(?:{entry['words']})", re.IGNORECASE),
            language=entry["language"],
            code=entry["code"],
            test=entry["test"],
            what=(entry["what"]["en"], entry["what"]["de"]),
            watch=(entry["watch"]["en"], entry["watch"]["de"]),
        )
        for entry in file["snippet"]
    )


SNIPPETS: Final = _load()
"""The last one answers whatever fits no other."""


def find(text: str) -> Snippet:
    """The first program whose words stand in the question."""
    return next((snippet for snippet in SNIPPETS[:-1] if snippet.words.search(text)), SNIPPETS[-1])
