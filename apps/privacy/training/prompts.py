"""What people ask, as far as it comes along: the project's own prompts, and code of Python's standard library."""

import json
import random
import re
import sysconfig
from pathlib import Path
from typing import Final

_OWN: Final = Path(__file__).resolve().parents[2] / "routing" / "training" / "prompts.jsonl"
_SIGNED = re.compile(r"copyright|author|\bby [A-Z]|@|contribut|written|thanks|maintain|license", re.IGNORECASE)
"""Lines of code that may name a person."""
_WORDS: Final = 90


def own() -> list[str]:
    """The prompts that were written for this project."""
    return [json.loads(line)["prompt"] for line in _OWN.read_text(encoding="utf-8").splitlines()]


def code(many: int, rng: random.Random) -> list[str]:
    """Pieces of Python of 3 to 20 lines."""
    library = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in library.glob("*.py")) + sorted(library.glob("[a-k]*/*.py"))
    found: list[str] = []
    while len(found) < many:
        lines = rng.choice(files).read_text(encoding="utf-8", errors="ignore").splitlines()
        lines = [line for line in lines if not _SIGNED.search(line)]
        if len(lines) > 30:
            at = rng.randrange(len(lines) - 20)
            found.append("\n".join(lines[at : at + rng.randint(3, 20)]))
    return found


def shortened(prompt: str, rng: random.Random) -> str:
    """At most `_WORDS` words in a row of it."""
    gaps = list(re.finditer(r"\s+", prompt))
    if len(gaps) <= _WORDS:
        return prompt
    at = rng.randrange(len(gaps) - _WORDS)
    return prompt[gaps[at].end() : gaps[at + _WORDS].start()]
