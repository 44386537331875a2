"""What entry points call: launch a turn that many may read, or ask what would happen."""

from dataclasses import dataclass

from apps.core.clock import now
from apps.domain.privacy import Inspection
from apps.domain.turn import TurnRequest
from apps.turns.access import Access, access_version, authenticate, person
from apps.turns.choosing import Choice, choose
from apps.turns.live import LiveTurn, Numbered, find, launch, running
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


async def check(request: TurnRequest) -> Check:
    """Inspect and decide without storing, reserving or sending anything.

    Raises:
        OpenRouteError: as `answer` does before anything is on record.
    """
    asked = await load_context(request)
    inspection = await inspect(asked)
    return Check(inspection, choose(asked, inspection, now()))
