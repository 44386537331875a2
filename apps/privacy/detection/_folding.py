"""What one character becomes in a folded text: digits of any script, look-alikes, dashes, invisible characters."""

import unicodedata

import regex

LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсхуԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ",
    "ABESIJKMHOPCTXYaesijopcxydhqwABEZHIKMNOPTYXaiknopux",
)
"""Cyrillic and Greek letters that read as Latin ones; applied only inside words that mix the scripts."""

MIXED_WORD = regex.compile(r"[\p{L}\p{N}\p{M}@._+-]*+")
FIRST_FOREIGN = "\u0370"
FOREIGN = regex.compile(r"[\p{Cyrillic}\p{Greek}]")
LATIN = regex.compile(r"[A-Za-z0-9@]")

_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣-⁃˗⸺⸻", "-")
_MARKS = (
    *range(0x0300, 0x0370),
    *range(0x0483, 0x048A),
    *range(0x1AB0, 0x1B00),
    *range(0x1DC0, 0x1E00),
    *range(0x20D0, 0x2100),
    *range(0xFE00, 0xFE10),
    *range(0xFE20, 0xFE30),
    *range(0xE0000, 0xE0200),
)
_SPECIAL = {
    **_DASHES, **dict.fromkeys(map(chr, _MARKS), ""),
    "\u3002": ".", "\uff61": ".", "\u2024": ".", "\u00ad": "", "\u034f": "", "\u115f": "", "\u1160": "", "\u17b4": "",
    "\u17b5": "", "\u3164": "", "\uffa0": "", "\u2800": " ", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
    "ı": "i", "ɡ": "g", "Ⅼ": "L", "∙": ".", "·": ".", "•": ".",
}  # fmt: skip


def fold(character: str) -> str:
    """The plain form of one non-ASCII character; the character itself when it has none."""
    special = _SPECIAL.get(character)
    if special is not None:
        return special
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Cf", "Cc"):
        return ""
    if category == "Zs":
        return " "
    if category == "No":
        digit = unicodedata.digit(character, None)
        if digit is not None:
            return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    return "".join(_SPECIAL.get(part, part) for part in plain) if plain != character else character


class Folded(dict[str, str]):
    """`fold` with a memory: one look-up per character afterwards. Bounded by the size of Unicode."""

    def __missing__(self, character: str) -> str:
        folded = self[character] = fold(character)
        return folded


FOLDED = Folded()
