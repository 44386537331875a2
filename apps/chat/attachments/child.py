"""The process that reads documents: it takes one file, gives its text, and can do nothing else. Plain Python.

    python -m apps.chat.attachments.child docx < file

It answers with one JSON object: `{"text", "shortened"}` or `{"reason"}`. Before it looks at the first byte it gives up
memory and time beyond the limits, writing files, starting processes, and opening anything at all: no file, no socket.
"""

import codecs
import contextlib
import importlib
import json
import pkgutil
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import pypdf

from apps.chat.attachments import limits
from apps.chat.attachments.reading import docx, pdf, xlsx
from apps.chat.attachments.reading._outcome import Collector, Unreadable

READERS: Final[Mapping[str, Callable[[bytes, Collector], None]]] = {
    "docx": docx.read,
    "pdf": pdf.read,
    "xlsx": xlsx.read,
}
CODECS: Final = (
    "ascii", "latin-1", "cp1252", "mac_roman", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "cp437", "gb18030", "gbk",
    "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "charmap", "unicode_escape",
)  # fmt: skip
"""Codecs are modules that Python loads when a text first needs them."""
STANDARD_STREAMS: Final = 3
FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.", "shutil.")


def main(arguments: list[str]) -> None:
    """Read standard input with the reader that the one argument names."""
    reader = READERS[arguments[0]]
    load_all()
    give_up_rights()
    print(json.dumps(answer(reader, sys.stdin.buffer.read(limits.MAX_FILE_BYTES + 1))), flush=True)


def load_all() -> None:
    """Load what would be loaded at need: later no file can be opened. What is not installed stays away."""
    for codec in CODECS:
        codecs.lookup(codec)
    for module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
        with contextlib.suppress(ImportError):
            importlib.import_module(module.name)


def give_up_rights() -> None:
    """From here on this process can compute and answer, for ten seconds."""
    seconds = round(limits.READER_TIME_S)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_AS, limits.READER_MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, STANDARD_STREAMS)
    if hasattr(resource, "RLIMIT_NPROC"):
        _limit(resource.RLIMIT_NPROC, 0)
    sys.addaudithook(_refuse)


def answer(reader: Callable[[bytes, Collector], None], data: bytes) -> dict[str, Any]:
    """The text of a file, or the reason why there is none."""
    into = Collector(max_bytes=limits.MAX_TEXT_BYTES, patience_s=limits.READER_PATIENCE_S)
    try:
        reader(data, into)
        return {"text": into.text(), "shortened": into.shortened}
    except Unreadable as error:
        return {"reason": error.reason}
    except (MemoryError, RecursionError):
        return {"reason": "too_complex"}


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(event)


if __name__ == "__main__":
    main(sys.argv[1:])
