"""Sentences with slots, one a line: `{first} is ill, ask {name|lower}`. A line break is written \\n."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "sentences"
SLOT: Final = re.compile(r"\{(?P<kind>[a-z]+)(?:\|(?P<case>lower|upper))?\}")

LABELS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("name", "first", "last", "inverted", "formal", "initial", "full", "login"), "PERSON"),
    **dict.fromkeys(("street", "address", "zipcity"), "STREET_ADDRESS"),
    **dict.fromkeys(("city", "country", "region"), "LOCATION"),
    "org": "ORGANIZATION",
}
"""Kinds of slots that the model learns to find. All others are ordinary text, public people and works among them."""
PRIVATE: Final = frozenset({"PERSON", "STREET_ADDRESS"})


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence of a language (`other`: of several)."""

    language: str
    text: str

    @property
    def is_private(self) -> bool:
        """Whether somebody or some address is in it."""
        return any(LABELS.get(slot["kind"]) in PRIVATE for slot in SLOT.finditer(self.text))


def read() -> list[Template]:
    """All sentences, file by file."""
    found = []
    for path in sorted(_FOLDER.glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        language = path.name.partition(".")[0]
        found += [Template(language, line.replace("\\n", "\n")) for line in lines if line and not line.startswith("# ")]
    return found
