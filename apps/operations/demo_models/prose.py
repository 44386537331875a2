"""The sentences of demo answers, in English and German, from `prose.toml`."""

import tomllib
from pathlib import Path
from typing import Any, Final

Pair = tuple[str, str]
"""The same in English and German."""

_FILE: Final[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "prose.toml").read_text(encoding="utf-8"))


def _pair(entry: dict[str, str]) -> Pair:
    return entry["en"], entry["de"]


STOP_WORDS: Final[str] = _FILE["stop_words"]
FOOTER: Final = _pair(_FILE["footer"])
SHORT_FOOTER: Final = _pair(_FILE["short_footer"])
GREETING: Final = _pair(_FILE["greeting"])
TRIVIAL: Final = _pair(_FILE["trivial"])
TOOL_RESULT: Final = _pair(_FILE["tool_result"])
WEAK_VERSE: Final = _pair(_FILE["weak_verse"])
STORY: Final = _pair(_FILE["story"])
STANZAS: Final = tuple(_pair(entry) for entry in _FILE["stanzas"])
LEGAL_INTRO: Final = _pair(_FILE["legal_intro"])
LEGAL_PARTS: Final = tuple((_pair(entry["heading"]), _pair(entry["body"])) for entry in _FILE["legal_parts"])
SENTENCES: Final = tuple(_pair(entry) for entry in _FILE["sentences"])
HEADINGS: Final = tuple(_pair(entry) for entry in _FILE["headings"])
TABLE_HEAD: Final = _pair(_FILE["table_head"])
TABLE_ROWS: Final[tuple[list[list[str]], list[list[str]]]] = (_FILE["table_rows"]["en"], _FILE["table_rows"]["de"])
CAPITALS: Final[dict[str, Pair]] = {country: (en, de) for country, (en, de) in _FILE["capitals"].items()}
