"""Cheap facts about a text that decide which recognisers and normalisations look at it at all."""

_GAPS = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\r\t…„“”‚‘’«»", " "))
_OUTLINE = bytes(
    ord(
        "9"
        if chr(c).isdecimal()
        else "A"
        if chr(c).isupper() and c < 128
        else "a"
        if chr(c).islower() and c < 128
        else " "
        if chr(c).isspace()
        else chr(c)
        if c < 128
        else "?"
    )
    for c in range(256)
)


def words_in(text: str) -> frozenset[str]:
    """The words of a text; every mark parts them, so "api_key" is two."""
    return frozenset(text.translate(_GAPS).split())


class Traits:
    """Computed once per view, in about 15 microseconds for 400 characters; most recognisers then have nothing to do.

    `words` are the lower-cased words, `digits` counts ASCII digits (folding makes them of any script), `longest` is the
    length of the longest run without white space, `singles` how many such runs are one character long. `outline` has a
    byte for each code point: 9 for ASCII digits, A and a for ASCII letters, a space for white space, other ASCII
    characters as they are, ? for the rest. Looking for b"AA 99999" in it costs a hundredth of a pattern.
    """

    __slots__ = ("digits", "has_at", "longest", "lower", "outline", "singles", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.words = words_in(self.lower)
        self.outline = text.encode("latin-1", "replace").translate(_OUTLINE)
        self.digits = self.outline.count(b"9")
        lengths = [*map(len, text.split())]
        self.longest = max(lengths, default=0)
        self.singles = lengths.count(1)
        self.has_at = "@" in text

    def mentions(self, *stems: str) -> bool:
        """True when one of the lower-cased stems occurs anywhere, inside compounds too."""
        return any(map(self.lower.__contains__, stems))  # asked of hundreds of stems: a generator would cost twice this
