"""What a file is, by its content first and its name second; what a client says of it counts for nothing. Pure."""

from dataclasses import dataclass
from typing import Final

from apps.chat.attachments.names import suffix

OFFICE: Final = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Format:
    """A readable format. `reader` is `text`, `image`, or the module of `reading` that the bounded process runs."""

    media_type: str
    reader: str
    endings: frozenset[str] = frozenset()


PDF: Final = Format("application/pdf", "pdf", frozenset({"pdf"}))
DOCX: Final = Format(f"{OFFICE}wordprocessingml.document", "docx", frozenset({"docx"}))
XLSX: Final = Format(f"{OFFICE}spreadsheetml.sheet", "xlsx", frozenset({"xlsx"}))
PNG: Final = Format("image/png", "image", frozenset({"png"}))
JPEG: Final = Format("image/jpeg", "image", frozenset({"jpg", "jpeg", "jpe", "jfif"}))
GIF: Final = Format("image/gif", "image", frozenset({"gif"}))
WEBP: Final = Format("image/webp", "image", frozenset({"webp"}))
CSV: Final = Format("text/csv", "text", frozenset({"csv"}))
TSV: Final = Format("text/tab-separated-values", "text", frozenset({"tsv", "tab"}))
TEXT: Final = Format("text/plain", "text")

IMAGES: Final = (PNG, JPEG, GIF, WEBP)
DOCUMENTS: Final = (PDF, DOCX, XLSX)
IMAGE_TYPES: Final = frozenset(image.media_type for image in IMAGES)
PDF_WITHIN: Final = 1024
"""Some programs write a few bytes in front of `%PDF-`."""
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD: Final = b"word/document.xml"
_BOOK: Final = b"xl/workbook.xml"
_NOT_TEXT: Final = frozenset(
    [
        "7z",
        "avi",
        "bin",
        "bmp",
        "bz2",
        "class",
        "dll",
        "dmg",
        "doc",
        "docm",
        "dot",
        "eot",
        "exe",
        "flac",
        "gz",
        "heic",
        "heif",
        "ico",
        "iso",
        "jar",
        "mov",
        "mp3",
        "mp4",
        "o",
        "odp",
        "ods",
        "odt",
        "ogg",
        "otf",
        "pickle",
        "pkl",
        "potx",
        "ppt",
        "pptm",
        "pptx",
        "psd",
        "pyc",
        "rar",
        "so",
        "tar",
        "tif",
        "tiff",
        "ttf",
        "wasm",
        "wav",
        "woff",
        "woff2",
        "xls",
        "xlsb",
        "xlsm",
        "xz",
        "zip",
    ]
)
"""Endings of files that hold no text, so that one which passes for text is not what its name says."""


def detect(data: bytes, name: str) -> Format | str:
    """The format, or the reason why there is none: a key of `errors.REASONS`.

    What the content shows must fit the name's ending where that claims one of the formats here.
    """
    if not data:
        return "empty"
    found = _by_content(data)
    if found is None:
        return _as_text(name)
    if isinstance(found, str):
        return found
    claimed = _claimed(suffix(name))
    both_pictures = claimed in IMAGES and found in IMAGES  # programs write JPEG under the name of PNG
    return found if claimed is None or claimed is found or both_pictures else "mismatch"


def _by_content(data: bytes) -> Format | str | None:
    """None: it may be text."""
    if image := _image(data):
        return image
    if b"%PDF-" in data[:PDF_WITHIN]:
        return PDF
    if data.startswith(_OLD_OFFICE):
        return "old_office"
    if data.startswith(_ZIP):  # names stand uncompressed in a zip's directory; the reader looks properly
        return DOCX if _WORD in data else XLSX if _BOOK in data else "unknown"
    return None


def _image(data: bytes) -> Format | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    return WEBP if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _claimed(ending: str) -> Format | None:
    return next((known for known in (*DOCUMENTS, *IMAGES) if ending in known.endings), None)


def _as_text(name: str) -> Format | str:
    ending = suffix(name)
    if _claimed(ending) is not None:
        return "mismatch"
    if ending in _NOT_TEXT:
        return "unknown"
    return next((known for known in (CSV, TSV) if ending in known.endings), TEXT)
