"""Pictures: the type by the first bytes, the size by the header. Nothing is decoded. Plain Python."""

import struct
from typing import Final

from apps.chat.attachments.limits import MAX_PIXELS
from apps.chat.attachments.reading._outcome import Unreadable

_SIZE_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN: Final = 0xDA


def check(data: bytes, media_type: str) -> None:
    """Raises `Unreadable` for a picture without a readable header, or with too many pixels."""
    try:
        width, height = _SIZES[media_type](data)
    except (struct.error, IndexError, ValueError) as error:
        raise Unreadable("damaged") from error
    if not width or not height:
        raise Unreadable("damaged")
    if width * height > MAX_PIXELS:
        raise Unreadable("too_many_pixels")


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise ValueError("no header")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no header")


def _jpeg(data: bytes) -> tuple[int, int]:
    """The size stands in the first frame header; segments before it are skipped by their lengths."""
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2
        if marker == 0xFF or marker in _ALONE:
            continue
        if marker in _SIZE_MARKERS:
            height, width = struct.unpack(">HH", data[at + 3 : at + 7])
            return width, height
        if marker == _START_OF_SCAN:
            break
        (length,) = struct.unpack(">H", data[at : at + 2])
        at += max(2, length)
    raise ValueError("no header")


_SIZES: Final = {"image/png": _png, "image/gif": _gif, "image/webp": _webp, "image/jpeg": _jpeg}
