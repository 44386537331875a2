"""Stores the answers of runs in the very transactions that open and settle their turns. Stateless and pure.

So there is no moment at which an answer is paid for and not stored, whoever dies when: what a killed process was asking
is settled by the sweeper through the same recorder, with the text that had arrived.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import InvalidRequest
from apps.domain.messages import PromptMessage
from apps.domain.privacy import Sensitivity
from apps.domain.turn import TurnRequest
from apps.lab.models import RunAnswer
from apps.lab.values import reason
from apps.turns.operations import CloseTurn, OpenTurn

State = RunAnswer.State


class LabRecorder:
    """The recorder of the channel `lab` (see `turns.recorders.Recorder`)."""

    name = "lab"

    async def history(self, request: TurnRequest) -> tuple[PromptMessage, ...]:
        if request.kept_in is None:
            raise InvalidRequest("A turn of the lab needs the row that its answer is kept in.")
        return ()

    def open_reads(self, opens: Sequence[OpenTurn]) -> Sequence[Read]:
        return ()

    def close_reads(self, closes: Sequence[CloseTurn]) -> Sequence[Read]:
        return ()

    def open_rows(self, operation: OpenTurn, rows: Rows, writes: WriteSet, at: datetime) -> None:
        """From here on the question is being asked; a refused one has failed, and cost nothing."""
        refusal, ranked = operation.refusal, operation.ranked
        writes.update(
            RunAnswer,
            operation.request.kept_in,
            state=State.FAILED if refusal else State.ASKING,
            code=refusal.code if refusal else "",
            reason=reason(refusal.detail) if refusal else None,
            answered_by=ranked[0].candidate.model if ranked else "",
            label=int(operation.inspection.sensitivity),
            turn_id=operation.turn,
            asked_at=at,
            ended_at=at if refusal else None,
        )

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        """What came of it, and what it cost. A row that is gone meanwhile stays gone."""
        attempts = operation.attempts or ()
        label = Sensitivity.parse(operation.answer_label or turn["sensitivity"])
        writes.update(
            RunAnswer,
            turn["answer_id"],
            state=State.ANSWERED if operation.state == "completed" else State.FAILED,
            code=operation.code,
            reason=reason(operation.detail) if operation.detail else None,
            text=operation.text,
            label=int(label),
            answered_by=operation.model,
            finish=operation.finish.value if operation.finish else "",
            cost=sum(attempt.cost_micro_usd for attempt in attempts),
            input_tokens=sum(attempt.usage.input_tokens for attempt in attempts),
            output_tokens=sum(attempt.usage.output_tokens for attempt in attempts),
            first_token_ms=operation.first_token_ms,
            duration_ms=max(0, int((at - turn["opened_at"]).total_seconds() * 1000)),
            ended_at=at,
        )


RECORDER = LabRecorder()
