"""From the bytes of an upload to what is kept of it. Documents are read in a process that is bounded in every way.

A hostile file can waste ten seconds of one core and half a gigabyte, and nothing else: the process is killed with all
that belongs to it, and whatever it said beyond the bound is not read.
"""

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from apps.chat.attachments import formats, limits
from apps.chat.attachments.errors import UnsupportedAttachment
from apps.chat.attachments.reading import image, text
from apps.chat.attachments.reading._outcome import Collector, Unreadable
from apps.chat.attachments.values import Read
from apps.domain.errors import Overloaded
from apps.domain.sentences import say

log = structlog.get_logger(__name__)

MODULE: Final = "apps.chat.attachments.child"
ROOT: Final = Path(__file__).resolve().parents[3]
MAX_ANSWER: Final = limits.MAX_TEXT_BYTES * 7
"""JSON may need six bytes for one."""
CHUNK: Final = 65_536

_places = threading.BoundedSemaphore(limits.READERS_AT_ONCE)


def read(data: bytes, name: str) -> Read:
    """What is kept of a file. `name` is safe already (see `names`).

    Raises:
        UnsupportedAttachment: it cannot be read; `reason` says why.
        Overloaded: as many files as may be are being read, for as long as one may wait.
    """
    found = formats.detect(data, name)
    if isinstance(found, str):
        raise UnsupportedAttachment(found)
    try:
        if found.reader == "image":
            image.check(data, found.media_type)
            return Read("image", found.media_type, image=data)
        if found.reader == "text":
            return _as_text(data, found.media_type)
    except Unreadable as error:
        raise UnsupportedAttachment(error.reason) from error
    return _as_document(data, found)


def _as_text(data: bytes, media_type: str) -> Read:
    into = Collector(max_bytes=limits.MAX_TEXT_BYTES, patience_s=limits.READER_TIME_S)
    text.read(data, into)
    try:
        return Read("text", media_type, text=into.text(), shortened=into.shortened)
    except Unreadable as error:
        raise UnsupportedAttachment("empty") from error


def _as_document(data: bytes, found: formats.Format) -> Read:
    if not _places.acquire(timeout=limits.READER_WAIT_S):
        raise Overloaded(
            say("readers_busy", "Many files are being read at this moment. Try again in a few seconds."),
            retry_after_s=limits.READER_WAIT_S,
        )
    try:
        answer = _answer(run(found.reader, data))
    finally:
        _places.release()
    if "text" not in answer:
        log.info("attachment.unreadable", format=found.reader, reason=str(answer.get("reason")), size=len(data))
        raise UnsupportedAttachment(str(answer.get("reason")))
    return Read("text", found.media_type, text=str(answer["text"]), shortened=bool(answer["shortened"]))


def run(reader: str, data: bytes) -> bytes:
    """What the bounded process answers within `READER_TIME_S`; nothing when it broke a bound and was ended."""
    with tempfile.TemporaryFile() as source:  # a file without a name, so that nobody has to feed a pipe meanwhile
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-s", "-B", "-m", MODULE, reader],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            return _bounded(process.stdout.fileno(), time.monotonic() + limits.READER_TIME_S)
        finally:
            _end(process)


def _bounded(pipe: int, until: float) -> bytes:
    """Everything up to the end of the pipe; nothing when time or size run out before."""
    waiting = select.poll()  # `select` would fail in a process with many sockets
    waiting.register(pipe, select.POLLIN)
    found = bytearray()
    while (left := until - time.monotonic()) > 0:
        if not waiting.poll(left * 1000):
            continue
        chunk = os.read(pipe, CHUNK)
        if not chunk:
            return bytes(found)
        found += chunk
        if len(found) > MAX_ANSWER:
            break
    return b""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill it with its group, whether or not it ended by itself, and leave no zombie."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _answer(said: bytes) -> dict[str, Any]:
    """The process's answer. It said nothing: it was ended for its time, its memory, or a fault of the reader."""
    try:
        found = orjson.loads(said)
    except orjson.JSONDecodeError:
        return {"reason": "too_complex"}
    return found if isinstance(found, dict) else {"reason": "damaged"}
