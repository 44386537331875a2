"""XLSX: the values of every sheet under its name, one line per row, cells set apart by tabs; dates as dates.

Formulas are shown by the value that was stored with them. At most `MAX_CELLS` cells are read.
"""

import posixpath
import re
from datetime import datetime, timedelta
from typing import Final

from apps.chat.attachments.limits import MAX_CELLS, MAX_UNPACKED
from apps.chat.attachments.reading._outcome import Collector, Unreadable
from apps.chat.attachments.reading._package import Elements, Package

BOOK: Final = "xl/workbook.xml"
LINKS: Final = "xl/_rels/workbook.xml.rels"
STRINGS: Final = "xl/sharedStrings.xml"
STYLES: Final = "xl/styles.xml"
MAX_SHEETS: Final = 200
MAX_STRING: Final = 32_767
"""Longer strings no cell can hold."""
MAX_STRINGS: Final = 1_000_000
DATE_FORMATS: Final = frozenset({*range(14, 23), 45, 46, 47})
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_COLUMN: Final = re.compile(r"([A-Z]{1,3})\d{1,7}")
MAX_GAP: Final = 50
"""Empty cells between two others that are shown as such."""


def read(data: bytes, into: Collector) -> None:
    """Collect the text. Raises `Unreadable`."""
    package = Package(data, max_unpacked=MAX_UNPACKED)
    if BOOK not in package:
        raise Unreadable("damaged")
    book = _Book(package)
    left = MAX_CELLS
    for title, path in book.sheets():
        if into.is_full:
            return
        into.add(f"# {title}\n")
        sheet = _Sheet(into, book, left)
        sheet.read(package, path)
        into.add("\n")
        left = sheet.left


class _Book:
    """What cells refer to: the sheets' names, the shared strings, and which styles are dates."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._names: list[tuple[str, str]] = []
        self._paths: dict[str, str] = {}
        self._custom: set[int] = set()
        self._in_cells = False
        self.strings: list[str] = []
        self._string: list[str] = []
        self._in_text = 0
        self._phonetic = 0
        self.dates: list[bool] = []
        self.from_1904 = False
        self._parse(BOOK, self._sheet)
        for name, start in ((LINKS, self._link), (STYLES, self._style)):
            if name in package:
                self._parse(name, start)
        if STRINGS in package:
            Elements(start=self._string_start, end=self._string_end, text=self._string_text).run(package, STRINGS)

    def sheets(self) -> list[tuple[str, str]]:
        """Name and member of each sheet, in the order of the book."""
        found = [(name, self._paths.get(link, "")) for name, link in self._names[:MAX_SHEETS]]
        return [(name, path) for name, path in found if path in self._package]

    def is_date(self, style: str) -> bool:
        return style.isdigit() and len(style) < 6 and int(style) < len(self.dates) and self.dates[int(style)]

    def _parse(self, name: str, start: object) -> None:
        assert callable(start)
        Elements(start=start, end=self._ended, text=lambda _: None).run(self._package, name)

    def _ended(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _sheet(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self._names.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}

    def _link(self, name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            self._paths[attributes.get("Id", "")] = path

    def _style(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = _QUOTED.sub("", attributes.get("formatCode", "")).lower()
            if set(code) & set("dyhs") and attributes.get("numFmtId", "").isdigit():
                self._custom.add(int(attributes["numFmtId"][:6]))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "0")
            kind = int(number[:6]) if number.isdigit() else 0
            self.dates.append(kind in DATE_FORMATS or kind in self._custom)

    def _string_start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._string = []
        self._in_text += name == "t"
        self._phonetic += name == "rPh"  # how a reader of Japanese pronounces it

    def _string_end(self, name: str) -> None:
        self._in_text -= name == "t"
        self._phonetic -= name == "rPh"
        if name == "si":
            if len(self.strings) >= MAX_STRINGS:
                raise Unreadable("too_complex")
            self.strings.append("".join(self._string)[:MAX_STRING])

    def _string_text(self, text: str) -> None:
        if self._in_text and not self._phonetic:
            self._string.append(text)


class _Sheet:
    """The cells of one sheet. `left` is how many more cells may be read."""

    def __init__(self, into: Collector, book: _Book, left: int) -> None:
        self._into, self._book, self.left = into, book, left
        self._type = self._style = ""
        self._value: list[str] = []
        self._inside = 0
        self._row: list[str] = []

    def read(self, package: Package, name: str) -> None:
        elements = Elements(start=self._start, end=self._end, text=self._text)
        elements.run(package, name, enough=lambda: self._into.is_full)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = []
        elif name == "c":
            self._type, self._style, self._value = attributes.get("t", ""), attributes.get("s", ""), []
            self._fill(attributes.get("r", ""))
        elif name in {"v", "t"}:
            self._inside += 1

    def _end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._inside -= 1
        elif name == "c":
            self._row.append(self._shown("".join(self._value)))
            self.left -= 1
            if self.left <= 0:
                self._line()
                self._into.stop()
        elif name == "row":
            self._line()

    def _text(self, text: str) -> None:
        if self._inside:
            self._value.append(text)

    def _line(self) -> None:
        line = "\t".join(self._row).rstrip("\t")
        self._row = []
        if line:
            self._into.add(f"{line}\n")

    def _fill(self, reference: str) -> None:
        """Empty cells are not written; a gap is filled so that columns stay columns."""
        found = _COLUMN.fullmatch(reference)
        if found is None:
            return
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        self._row += [""] * max(0, min(column - 1 - len(self._row), MAX_GAP))

    def _shown(self, value: str) -> str:
        if self._type == "s":
            known = value.isdigit() and len(value) < 8 and int(value) < len(self._book.strings)
            value = self._book.strings[int(value)] if known else ""
        elif self._type == "b":
            value = {"1": "TRUE", "0": "FALSE"}.get(value, value)
        elif self._type in {"", "n"} and self._book.is_date(self._style):
            value = _date(value, from_1904=self._book.from_1904)
        return " ".join(value.split())


def _date(value: str, *, from_1904: bool) -> str:
    """Days since 1900 or 1904 as a date, with the time of day where there is one; what is none stays as it is."""
    try:
        moment = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a calendar's, of no zone
        moment += timedelta(seconds=round(float(value) * 86_400))
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%Y-%m-%d %H:%M:%S}"
