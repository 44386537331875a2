"""Who stores the messages of a turn, in the very transactions that open and close it.

A recorder is stateless and registered by name, so that the sweeper closes a dead process's turn like its owner would.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.writes import Read, Rows, WriteSet
from apps.domain.messages import PromptMessage
from apps.domain.turn import TurnRequest
from apps.turns.operations import CloseTurn, OpenTurn


@runtime_checkable
class Recorder(Protocol):
    """Rows of an entry point that belong to a turn. All methods but `history` are pure."""

    name: str

    async def history(self, request: TurnRequest) -> tuple[PromptMessage, ...]:
        """The stored messages that go before the request's own. Raises `NotFound` for what is not the asker's."""
        ...

    def open_reads(self, opens: Sequence[OpenTurn]) -> Sequence[Read]:
        """Rows to lock when turns are opened."""
        ...

    def close_reads(self, closes: Sequence[CloseTurn]) -> Sequence[Read]:
        """Rows to lock when turns are closed, found by turn id."""
        ...

    def open_rows(self, operation: OpenTurn, rows: Rows, writes: WriteSet, at: datetime) -> None:
        """Add the rows of the question. May raise an `OpenRouteError`: then the turn is not opened."""
        ...

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        """Add the rows of the answer. `turn` is the locked row as `{attname: value}`."""
        ...


class NoRecorder:
    """The developer API keeps no conversation: nothing is stored but the turn itself."""

    name = "none"

    async def history(self, request: TurnRequest) -> tuple[PromptMessage, ...]:
        return ()

    def open_reads(self, opens: Sequence[OpenTurn]) -> Sequence[Read]:
        return ()

    def close_reads(self, closes: Sequence[CloseTurn]) -> Sequence[Read]:
        return ()

    def open_rows(self, operation: OpenTurn, rows: Rows, writes: WriteSet, at: datetime) -> None:
        return None

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        return None


NO_RECORDER = NoRecorder()


@lru_cache(maxsize=16)
def recorder(name: str) -> Recorder:
    """The recorder registered under this name in `settings.OPENROUTE_RECORDERS`."""
    found = import_string(settings.OPENROUTE_RECORDERS[name])
    assert isinstance(found, Recorder)
    return found
