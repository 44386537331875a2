"""A tenant's own terms, matched in time linear in the text however many there are."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import regex

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}_]")
MAX_TERM_TOKENS = 24


class _Node(dict[str, "_Node"]):
    """One step of the tree of terms; `ends` says that a term ends here."""

    __slots__ = ("ends",)

    def __init__(self) -> None:
        super().__init__()
        self.ends = False


class Terms:
    """Terms as a tree of case-folded tokens: exact, word-bounded, whatever white space stands between the words.

    A text of n tokens costs at most n x `MAX_TERM_TOKENS` look-ups, for one term as for ten thousand.
    """

    __slots__ = ("_root", "digest")

    def __init__(self, terms: Iterable[str]) -> None:
        self._root = _Node()
        ordered = sorted(set(terms))
        self.digest = hashlib.sha256("\0".join(ordered).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        for term in ordered:
            node = self._root
            for token in _TOKEN.findall(term.casefold())[:MAX_TERM_TOKENS]:
                node = node.setdefault(token, _Node())
            node.ends = node is not self._root

    def __bool__(self) -> bool:
        return bool(self._root)

    def find(self, text: str, timeout_s: float) -> Iterator[tuple[int, int]]:
        """Spans of the longest term at each place, left to right, without overlaps. May raise `TimeoutError`."""
        spans = [(match.span(), match[0].casefold()) for match in _TOKEN.finditer(text, timeout=timeout_s)]
        at = 0
        while at < len(spans):
            length = self._longest(spans, at)
            if length:
                yield spans[at][0][0], spans[at + length - 1][0][1]
            at += max(1, length)

    def _longest(self, spans: list[tuple[tuple[int, int], str]], at: int) -> int:
        """How many tokens the longest term that begins at token `at` has; 0 when none does."""
        node, length = self._root, 0
        for step, (_, token) in enumerate(spans[at : at + MAX_TERM_TOKENS], 1):
            following = node.get(token)
            if following is None:
                break
            node = following
            if node.ends:
                length = step
        return length


NO_TERMS = Terms(())


def compiled(dictionaries: Mapping[str, Iterable[str]]) -> Terms:
    """One matcher for all dictionaries of a tenant."""
    return Terms(term for terms in dictionaries.values() for term in terms)
