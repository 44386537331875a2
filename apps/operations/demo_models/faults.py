"""Faults on demand: by a mark in the model's name (`demo-small@fault=cut:20`), for all calls by `POST /control`, or by
a mark in the question, such as `Explain tides. demo-fault=cut:40`.

| fault | what happens |
|---|---|
| `400` to `599` | this HTTP status with an OpenAI error body; 429 asks for two seconds of patience |
| `hang` or `hang:N` | silence from the start, or after N tokens |
| `cut` or `cut:N` | the connection breaks at once, or after N tokens |
| `garbage` or `garbage:N` | bytes that are no JSON |
| `slow` | one token per second |

The mark in the question lets whoever writes in the chat see how an answer changes models in its middle. It counts N
tokens from 1 to 9999 with `hang`, `cut` or `garbage`, and strikes only whoever begins the answer, not whoever goes on.
"""

import re
from dataclasses import dataclass, field
from typing import Final

SLOW_TOKENS_PER_S: Final = 1.0
STREAMED: Final = ("hang", "cut", "garbage")


@dataclass(frozen=True, slots=True)
class Fault:
    """`after` counts tokens that are still written before a streamed fault."""

    kind: str = ""
    status: int = 0
    after: int = 0

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Raises `ValueError` for a fault that is not in the table above; an empty text is no fault."""
        kind, _, count = text.partition(":")
        if kind.isdecimal() and 400 <= int(kind) <= 599 and not count:
            return cls("status", status=int(kind))
        if kind in STREAMED:
            return cls(kind, after=int(count or 0))
        if kind in {"", "slow"} and not count:
            return cls(kind)
        raise ValueError("unknown fault; known are 400 to 599, hang, cut, garbage (each with :N tokens) and slow")


NO_FAULT: Final = Fault()
MARK: Final = re.compile(r"\s*\bdemo-fault=((?:hang|cut|garbage):[1-9]\d{0,3})\b")


def ordered(text: str) -> Fault:
    """The fault that a question orders, or none."""
    found = MARK.search(text)
    return Fault.parse(found[1]) if found else NO_FAULT


@dataclass(slots=True)
class Faults:
    """The faults that `POST /control` has switched on, by model; `*` stands for every model."""

    _set: dict[str, Fault] = field(default_factory=dict)

    def put(self, model: str, fault: Fault) -> None:
        if fault.kind:
            self._set[model] = fault
        else:
            self._set.pop(model, None)

    def of(self, upstream: str) -> Fault:
        """The mark in the name first, then what was switched on. Raises `ValueError` for an unknown mark."""
        name, _, marks = upstream.partition("@")
        if marks.startswith("fault="):
            return Fault.parse(marks.removeprefix("fault="))
        return self._set.get(name) or self._set.get("*") or NO_FAULT
