"""Misspelt words of a prompt, read as the word that was meant: candidates one edit away, after Norvig 2007.

People type fast. A recogniser that knows words must not lose "sumarize" or "trnaslate", so that each unknown word is
tried with one letter less, two swapped, one replaced, one more, in the order of how often each occurs in typing.
"""

from collections.abc import Iterator, Mapping
from typing import Final

_LETTERS: Final = "etaoinsrhldcumfpgwybvkxjqzäöüéèñ"
_SHORTEST: Final = 4
_LONGEST: Final = 16
"""Shorter words have too many neighbours; longer ones are rarely misspelt only once."""
MOST: Final = 24
"""Unknown words of one text that are looked at: a bound on the time that a pasted list of names may cost."""
_CACHED: Final = 20_000


class Speller:
    """Corrects words by a list of known ones. `ranks` maps each known word to its rank, the most frequent first."""

    __slots__ = ("_known", "_seen")

    def __init__(self, ranks: Mapping[str, int]) -> None:
        self._known = ranks
        self._seen: dict[str, str] = {}

    def correct(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words of a text with misspelt ones replaced; what is no word or has no neighbour stays."""
        known, left = self._known, MOST
        found = list(words)
        for place, word in enumerate(words):
            if word in known or not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
                continue
            meant = self._seen.get(word)
            if meant is None and left:
                left -= 1
                if len(self._seen) >= _CACHED:
                    self._seen.clear()
                meant = self._seen[word] = self._nearest(word)
            found[place] = meant or word
        return tuple(found)

    def is_strange(self, words: tuple[str, ...]) -> bool:
        """Whether there are words and none is known, even when corrected: another language, or none at all."""
        known = self._known
        if any(word in known for word in words):
            return False
        real = [word for word in self.correct(words) if len(word) >= _SHORTEST - 1 and word.isalpha()]
        return bool(real) and not any(word in known for word in real)

    def _nearest(self, word: str) -> str:
        """The most frequent known word one edit away, else the word itself; cheap kinds of edit are tried first."""
        known = self._known
        for candidates in (_shorter_and_swapped(word), _replaced_and_longer(word)):
            near = [candidate for candidate in candidates if candidate in known]
            if near:
                return min(near, key=lambda candidate: (known[candidate], candidate))
        return word


def _shorter_and_swapped(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]


def _replaced_and_longer(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in _LETTERS:
            yield before + letter + after
            yield before + letter + after[1:]
