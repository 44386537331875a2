"""How a log line is made: bound context first, then guards that hold whatever a caller passes."""

import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from apps.domain.errors import OpenRouteError

MAX_VALUE_LENGTH = 500
"""Characters of one value; longer ones are cut, because a log is no place for documents (promise P27)."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SECRET_NAME = re.compile(r"(password|passwd|secret|token|api_?key|authorization|cookie|credential)", re.IGNORECASE)

Event = MutableMapping[str, Any]


def _printable(text: str) -> str:
    cut = text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]}... ({len(text)} characters)"
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", cut)


def bound_values(_logger: Any, _method: str, event: Event) -> Event:
    """Escape control characters, so that a value cannot forge a line, and bound the length of each value."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _printable(value)
        elif not isinstance(value, int | float | None) and not key.startswith("_") and key != "exc_info":
            event[key] = _printable(repr(value))
    return event


def hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Blank texts whose name says that they are secret (promise P22). Counts, as of `output_tokens`, are no texts."""
    for key, value in event.items():
        if isinstance(value, str | bytes) and _SECRET_NAME.search(key):
            event[key] = "***"
    return event


# Their messages come from code, not from data: names, types, paths, numbers of the operating system.
_SPEAKS_OF_CODE = (OpenRouteError, ImportError, NameError, AttributeError, TypeError, OSError)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what it was raised from or during."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def safe_traceback(exc_info: ExcInfo) -> str:
    """Where an error rose, and what kind it is; its message only where that cannot quote a prompt or a row."""
    lines: list[str] = []
    for error in _chain(exc_info[1]):
        message = str(error) if isinstance(error, _SPEAKS_OF_CODE) else "(message withheld: it may quote content)"
        lines += [f"{type(error).__module__}.{type(error).__qualname__}: {_printable(message)}\n"]
        lines += traceback.format_list(traceback.extract_tb(error.__traceback__))
    return "".join(lines).rstrip()


def add_traceback(_logger: Any, _method: str, event: Event) -> Event:
    """Turn `exc_info` into the text of `safe_traceback`."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    elif isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if exc_info and exc_info[1] is not None:
        event["exception"] = safe_traceback(exc_info)
    return event


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    hide_secrets,
    bound_values,
]


def renderer(style: str) -> list[Any]:
    """The last processors: `json` for machines, anything else for people."""
    return [add_traceback, structlog.processors.JSONRenderer() if style == "json" else _for_people]


def _for_people(_logger: Any, _method: str, event: Event) -> str:
    """`12:00:01 warning  apps.turns: event key=value`, then the traceback on lines of its own."""
    time = str(event.pop("timestamp", ""))[11:19]
    level, name, text = event.pop("level", ""), event.pop("logger", ""), event.pop("event", "")
    trace = event.pop("exception", None)
    pairs = "".join(f" {key}={value}" for key, value in event.items() if not key.startswith("_"))
    return f"{time} {level:<8} {name}: {text}{pairs}" + (f"\n{trace}" if trace else "")
