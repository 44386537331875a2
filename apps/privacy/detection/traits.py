"""Cheap facts about a text that decide which recognisers and normalisations look at it at all."""

_GAPS = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\r\t…„“”‚‘’«»", " "))
_NO_DIGITS = str.maketrans("", "", "0123456789")


def words_in(text: str) -> frozenset[str]:
    """The words of a text; every mark parts them, so "api_key" is two."""
    return frozenset(text.translate(_GAPS).split())


class Traits:
    """Computed once per view, in about 15 microseconds for 400 characters; most recognisers then have nothing to do.

    `words` are the lower-cased words, `digits` counts ASCII digits (folding makes them of any script), `longest` is the
    length of the longest run without white space.
    """

    __slots__ = ("digits", "has_at", "longest", "lower", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.words = words_in(self.lower)
        self.digits = len(text) - len(text.translate(_NO_DIGITS))
        self.longest = max(map(len, text.split()), default=0)
        self.has_at = "@" in text

    def mentions(self, *stems: str) -> bool:
        """True when one of the lower-cased stems occurs anywhere, inside compounds too."""
        return any(map(self.lower.__contains__, stems))  # asked of hundreds of stems: a generator would cost twice this
