"""Text, code, CSV and TSV: decoded, nothing else. Plain Python.

UTF-8, with or without a mark; UTF-16 and UTF-32 by their marks; what is none of these and could be Windows-1252, the
old code page of western Europe, is read as that. NUL, or many control characters, is no text.
"""

import codecs
from typing import Final

from apps.chat.attachments.reading._outcome import Collector, Unreadable

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\v\x1b\x1a")
_UNDEFINED: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
"""Bytes that stand for nothing in Windows-1252."""


def read(data: bytes, into: Collector) -> None:
    """Collect the text. Raises `Unreadable`."""
    text = _decoded(data)
    if "\x00" in text:
        raise Unreadable("not_text")
    into.add(text)


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding)
    present = frozenset(data)
    if present & _CONTROLS:
        raise Unreadable("not_text")
    try:
        return data.decode()
    except UnicodeDecodeError:
        if present & _UNDEFINED:
            raise Unreadable("not_text") from None
    return data.decode("cp1252")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("not_text") from None
