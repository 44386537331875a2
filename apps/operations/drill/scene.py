"""What a probe is given, and what it tells."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.core.headers import Application
from apps.operations.drill.canaries import Canary
from apps.operations.drill.client import Client, Reply
from apps.operations.drill.company import Company
from apps.operations.drill.sinks import Sink


class Expected(StrEnum):
    """What must hold after a probe, beside that no canary was ever seen outside."""

    OUTSIDE = "is sent outside"  # harmless text: where it is not, the drill proves nothing
    NOTHING = "sends nothing outside"
    NO_CANARY = "takes no private value outside"


@dataclass(slots=True)
class Scene:
    """One drill while it runs."""

    application: Application
    company: Company
    outside: Sink
    inside: Sink
    kinds: Sequence[Callable[[], Canary]]
    """What counts as private under the rules that are tried; at least one."""
    kind: Callable[[], Canary] | None = None
    """The one that this run of a probe plants; None: the first."""
    planted: list[Canary] = field(default_factory=list)
    marked: int = 0
    """Requests that the sink outside had received when the present probe began to count."""
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    def mark(self) -> None:
        """Count what is sent outside from here."""
        self.marked = self.outside.asked

    @property
    def sent_outside(self) -> int:
        """Requests since the mark."""
        return self.outside.asked - self.marked

    def canary(self) -> Canary:
        """A fresh private value."""
        made = (self.kind or self.kinds[0])()
        self.planted.append(made)
        return made

    def harmless(self) -> str:
        """A question that nobody has asked before: what is known of a text is remembered."""
        return f"What is {next(self._number)} times {next(self._number)}? Explain it in a sentence."

    def client(self, team: str = "all") -> Client:
        return Client(self.application, self.company.keys[team])


@dataclass(frozen=True, slots=True)
class Probe:
    """One way in which text could get outside."""

    name: str
    about: str
    expected: Expected
    run: Callable[[Scene], Awaitable[str]]
    """Does it, and says in a few words what the caller was told."""
    per_kind: bool = False
    """Whether it is run once for each kind of private value."""


def user(text: str) -> Mapping[str, Any]:
    return {"role": "user", "content": text}


def told(reply: Reply) -> str:
    """Where an answer of the developer API came from, or why there is none."""
    if reply.status == 200:
        return f"answered, {reply.headers.get('x-openroute-hosting', '?')}"
    return f"refused, {reply.json['error']['code']}"


def ended(frames: Sequence[Mapping[str, Any]]) -> str:
    """Where an answer of the chat came from in the end, or why there is none."""
    last = frames[-1]
    if last["type"] in {"failed", "error"}:
        return f"refused, {last['code']}"
    routed = [frame for frame in frames if frame["type"] in {"routed", "switched"}][-1]
    return f"answered, {routed.get('hosting') or routed['to']}"


def conversation_of(frames: Sequence[Mapping[str, Any]]) -> UUID:
    """The conversation of a question that was accepted."""
    return UUID(next(frame["conversation"] for frame in frames if frame["type"] == "accepted"))


@contextmanager
def fault(detector: str) -> Iterator[None]:
    """The detector of this process does not work: it raises, hangs, or answers with garbage."""
    before = settings.OPENROUTE_FAULTS
    settings.OPENROUTE_FAULTS = {**before, "detector": detector}
    try:
        yield
    finally:
        settings.OPENROUTE_FAULTS = before
