"""DOCX: the text of body, tables, foot- and endnotes, headers and footers, and comments, as a person would read it."""

from typing import Final

from apps.chat.attachments.limits import MAX_UNPACKED
from apps.chat.attachments.reading._outcome import Collector, Unreadable
from apps.chat.attachments.reading._package import Elements, Package

BODY: Final = "word/document.xml"
BESIDE: Final = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
MAX_MARGINS: Final = 12
_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read(data: bytes, into: Collector) -> None:
    """Collect the text. Raises `Unreadable`."""
    package = Package(data, max_unpacked=MAX_UNPACKED)
    if BODY not in package:
        raise Unreadable("damaged")
    _Words(into).read(package, BODY)
    margins = [f"word/{kind}{number}.xml" for kind in ("header", "footer") for number in range(1, MAX_MARGINS + 1)]
    for name in (*BESIDE, *margins):
        if name in package and not into.is_full:
            _Words(into).read(package, name)


class _Words:
    """Character data inside `w:t`; paragraphs end lines, cells are set apart by tabs. Deleted text is left out."""

    def __init__(self, into: Collector) -> None:
        self._into = into
        self._inside = 0
        self._cells = 0
        self._skipped = 0

    def read(self, package: Package, name: str) -> None:
        elements = Elements(start=self._start, end=self._end, text=self._text)
        elements.run(package, name, enough=lambda: self._into.is_full)

    def _start(self, name: str, _: dict[str, str]) -> None:
        if name == "Fallback":  # a second form of what stands before it
            self._skipped += 1
        elif name == "t":
            self._inside += 1
        elif name == "tc":
            self._cells += 1
        elif name in _BREAKS and not self._skipped:
            self._into.add(_BREAKS[name])

    def _end(self, name: str) -> None:
        if name == "Fallback":
            self._skipped -= 1
        elif name == "t":
            self._inside -= 1
        elif name == "tc":
            self._cells -= 1
            self._into.add("\t")
        elif name == "tr":
            self._into.add("\n")
        elif name == "p" and not self._skipped:
            self._into.add(" " if self._cells else "\n")

    def _text(self, text: str) -> None:
        if self._inside and not self._skipped:
            self._into.add(text)
