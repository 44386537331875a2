"""PDF: the text layer, page by page. What has none, such as a scan, is said so."""

import io

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from apps.chat.attachments.limits import MAX_PAGES
from apps.chat.attachments.reading._outcome import Collector, Unreadable

# A reader written in Python meets broken files with whatever the broken place provokes.
_BROKEN = (
    PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, AssertionError, OSError,
    NotImplementedError, UnicodeError, StopIteration, EOFError, ImportError,
)  # fmt: skip


def read(data: bytes, into: Collector) -> None:
    """Collect the text. Raises `Unreadable`."""
    try:
        document = PdfReader(io.BytesIO(data), strict=False)
        if document.is_encrypted and not _opens(document):
            raise Unreadable("encrypted")
        _pages(document, into)
    except _BROKEN as error:
        raise Unreadable("damaged") from error


def _opens(document: PdfReader) -> bool:
    """Whether the file only forbids copying or printing, which is not asked here: it opens without a password."""
    return bool(document.decrypt(""))


def _pages(document: PdfReader, into: Collector) -> None:
    """A page that cannot be read is left out; the others are kept."""
    failed = read_pages = 0
    for number, page in enumerate(document.pages):
        if number >= MAX_PAGES:
            into.stop()
        if into.is_full:
            break
        try:
            text = page.extract_text()
        except _BROKEN:
            failed += 1
            continue
        read_pages += 1
        into.add(f"{text.strip()}\n\n" if text.strip() else "")
    if failed and not read_pages:
        raise Unreadable("damaged")
