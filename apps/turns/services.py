"""What entry points call: launch a turn that many may read, or ask what would happen."""

from dataclasses import dataclass, field, replace

from apps.core.clock import now
from apps.domain.privacy import Inspection
from apps.domain.turn import TurnRequest
from apps.turns.access import Access, access_version, authenticate, person
from apps.turns.choosing import Asked, Choice, choose
from apps.turns.live import LiveTurn, Numbered, find, launch, running
from apps.turns.masking import mask
from apps.turns.pipeline import answer
from apps.turns.preparing import inspect, load_context
from apps.turns.replay import AnotherBody, TurnRunning, check_same, idempotency
from apps.turns.stopping import StopSignal
from apps.turns.stops import stop

__all__ = [
    "Access",
    "AnotherBody",
    "Check",
    "LiveTurn",
    "Numbered",
    "StopSignal",
    "TurnRunning",
    "access_version",
    "answer",
    "authenticate",
    "check",
    "check_instead",
    "check_same",
    "find",
    "idempotency",
    "launch",
    "person",
    "running",
    "stop",
]


@dataclass(frozen=True, slots=True)
class Check:
    """What would happen to a question: what was found, who would answer, or why nobody would."""

    inspection: Inspection
    choice: Choice
    asked: Asked = field(repr=False)


async def check(request: TurnRequest) -> Check:
    """Inspect and decide without storing, reserving or sending anything.

    Raises:
        OpenRouteError: as `answer` does before anything is on record.
    """
    return await _checked(await load_context(request))


async def check_instead(found: Check, text: str) -> Check:
    """The same question with another text in its newest message: under the same snapshot, without a query."""
    asked, newest = found.asked, replace(found.asked.messages[-1], text=text)
    request = replace(asked.request, messages=(*asked.request.messages[:-1], newest))
    return await _checked(replace(asked, request=request, messages=(*asked.messages[:-1], newest)))


async def _checked(asked: Asked) -> Check:
    inspection = await inspect(asked)
    return Check(inspection, choose(asked, inspection, now(), await mask(asked, inspection)), asked)
