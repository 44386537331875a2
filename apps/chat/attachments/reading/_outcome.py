"""What readers raise, and the text that they collect, bounded. Plain Python: it runs in the bounded process."""

import time
import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t")


class Unreadable(Exception):
    """The file cannot be read. `reason` is a key of `errors.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Collector:
    """Text up to a number of bytes in UTF-8, and up to a time. `is_full` says that no more is wanted.

    `shortened` says that there was more than was kept.
    """

    def __init__(self, *, max_bytes: int, patience_s: float) -> None:
        self._left = max_bytes
        self._until = time.monotonic() + patience_s
        self._pieces: list[str] = []
        self.shortened = False

    @property
    def is_full(self) -> bool:
        return self.shortened

    def add(self, piece: str) -> None:
        """Keep a piece, or the part of it that still fits."""
        if self.shortened or not piece:
            return
        clean = cleaned(piece[: self._left + 1])  # a code point has a byte at least
        raw = clean.encode()
        if len(raw) > self._left or len(piece) > self._left + 1:
            clean = raw[: self._left].decode(errors="ignore")
            self.shortened = True
        self._left -= len(raw)
        self._pieces.append(clean)
        if time.monotonic() > self._until:
            self.shortened = True

    def stop(self) -> None:
        """There is more, and it is not wanted."""
        self.shortened = True

    def text(self) -> str:
        """What was kept. Raises `Unreadable` when there is no text at all."""
        text = "".join(self._pieces).strip("\n")
        if not text.strip():
            raise Unreadable("no_text")
        return text


def cleaned(text: str) -> str:
    """The text without control characters (line ends and tabs stay) and lone surrogates, which nothing can store."""
    if text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if char in _KEPT or unicodedata.category(char) not in {"Cc", "Cs"})
