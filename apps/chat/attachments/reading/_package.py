"""A zip of XML files, as Office writes them, read defensively. Plain Python.

Nothing is unpacked to a disk, members inside members are never opened, and no more than a total of bytes is inflated.
XML is streamed through expat; a document type is refused before any entity in it could be defined.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Final
from xml.parsers import expat

from apps.chat.attachments.reading._outcome import Unreadable

CHUNK: Final = 65_536
MAX_DEPTH: Final = 200
ENCRYPTED: Final = 0x1
_BROKEN: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

Start = Callable[[str, dict[str, str]], None]


class Package:
    """The members of one file. `left` is how many bytes may still be inflated."""

    def __init__(self, data: bytes, *, max_unpacked: int) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*_BROKEN, ValueError, OSError) as error:
            raise Unreadable("damaged") from error
        self._left = max_unpacked
        if any(member.flag_bits & ENCRYPTED for member in self._zip.infolist()):
            raise Unreadable("encrypted")

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member. Raises `Unreadable`."""
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise Unreadable("too_complex")
                    yield chunk
        except (*_BROKEN, KeyError) as error:
            raise Unreadable("damaged") from error


class Elements:
    """Streams one XML member: `start` and `end` get local names, without namespaces; `text` gets character data."""

    def __init__(self, *, start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        self._start, self._end = start, end
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._opened
        self._parser.EndElementHandler = self._closed
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = _refuse

    def run(self, package: Package, name: str, *, enough: Callable[[], bool] = lambda: False) -> None:
        """Read the member to its end, or until there is enough. Raises `Unreadable`."""
        try:
            for chunk in package.chunks(name):
                self._parser.Parse(chunk, False)
                if enough():
                    return
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable("damaged") from error

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("too_complex")
        self._start(_local(name), {_local(key): value for key, value in attributes.items()})

    def _closed(self, name: str) -> None:
        self._depth -= 1
        self._end(_local(name))


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(*_: object) -> None:
    raise Unreadable("damaged")
