"""The frames that the server sends. Pure: values in, the text of one frame out; names are those of the contract.

`said` stands beside a sentence for people where it has a stable code (a list with nulls beside a list): the code and
parameters, from which a page builds the sentence in another language.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from apps.chat.attachments.values import shown
from apps.chat.foresight import Allowance, Change, Foreseen
from apps.chat.values import ConversationRecord, DraftRecord, MessageRecord
from apps.domain.decision import Decision, Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.ids import ConversationId, MessageId, TurnId
from apps.domain.money import Usage
from apps.domain.privacy import Finding, Sensitivity
from apps.domain.sentences import said
from apps.domain.turn import Completed, Failed, Routed, Switched


def encode(kind: str, fields: Mapping[str, Any]) -> str:
    """One text frame. UUIDs are written in their usual form."""
    return orjson.dumps({"type": kind, **fields}).decode()


def pong() -> str:
    return encode("pong", {})


def error(problem: OpenRouteError, client_id: str | None = None) -> str:
    """A refusal that leaves the socket alive; `id` is the client's, where its frame had one."""
    named = {} if client_id is None else {"id": client_id}
    return encode("error", {"code": problem.code, "detail": problem.detail, **_said(problem.detail), **named})


def checking(client_id: str) -> str:
    return encode("checking", {"id": client_id})


def accepted(client_id: str, turn: TurnId, conversation: ConversationId, message: MessageId) -> str:
    """`message` is the question that the turn answers."""
    return encode("accepted", {"id": client_id, "turn": turn, "conversation": conversation, "message": message})


def routed(event: Routed) -> str:
    fields = {
        "turn": event.turn,
        "model": event.model,
        "hosting": event.hosting.value,
        "strategy": event.strategy,
        "sensitivity": event.sensitivity.word,
        "entities": _entities(event.entities),
        "reasons": list(event.reasons),
        "said": [said(reason) for reason in event.reasons],
        **({"together": list(event.together)} if event.together else {}),
    }
    return encode("routed", fields)


def delta(turn: TurnId, seq: int, at: int, text: str) -> str:
    return orjson.dumps({"type": "delta", "turn": turn, "seq": seq, "at": at, "text": text}).decode()


def switched(event: Switched, seq: int) -> str:
    fields = {
        "turn": event.turn,
        "seq": seq,
        "from": event.source,
        "to": event.target,
        "hosting": event.hosting.value,
        "reason": event.reason,
        **_said(event.reason),
        "keeps": event.keeps,
    }
    return encode("switched", fields)


def completed(event: Completed, seq: int, message: MessageId) -> str:
    fields = {
        "turn": event.turn,
        "seq": seq,
        "message": message,
        "finish": event.finish.value,
        "usage": _usage(event.usage),
        "cost_microusd": event.cost_micro_usd,
        "model": event.model,
        **_final(event),
    }
    return encode("completed", fields)


def failed(event: Failed, seq: int, message: MessageId) -> str:
    fields = {
        "turn": event.turn,
        "seq": seq,
        "message": message,
        "code": event.code,
        "detail": event.detail,
        **_said(event.detail),
        "partial": event.partial,
        "keeps": event.keeps,
        "cost_microusd": event.cost_micro_usd,
        **_final(event),
    }
    return encode("failed", fields)


def _said(sentence: str) -> dict[str, Any]:
    known = said(sentence)
    return {"said": known} if known else {}


def _final(event: Completed | Failed) -> dict[str, str | None]:
    """What `routed` could not know yet: who answered in the end, and the label by then."""
    return {
        "hosting": event.hosting.value if event.hosting else None,
        "sensitivity": event.sensitivity.word if event.sensitivity is not None else None,
    }


def message(record: MessageRecord) -> str:
    fields: dict[str, Any] = {
        "conversation": record.conversation,
        "message": record.id,
        "parent": record.parent,
        "role": record.role,
        "author": record.author,
        "text": record.text,
        "attachments": [shown(file) for file in record.attachments],
    }
    return encode("message", fields if record.turn is None else fields | {"turn": record.turn})


def state(conversation: ConversationId, running: Iterable[tuple[TurnId, int]]) -> str:
    turns = [{"turn": turn, "seq": seq} for turn, seq in running]
    return encode("state", {"conversation": conversation, "running": turns})


def conversation(record: ConversationRecord, *, is_own: bool = True, shared: bool = False) -> str:
    """What a list of conversations shows; `deleted` says that it left the list. For a guest nothing is left then."""
    if record.deleted_at is not None and not is_own:
        return withdrawn(record.id)
    fields = {
        "conversation": record.id,
        "title": record.title,
        "sensitivity": record.label.word,
        "pinned": record.pinned,
        "archived": record.archived,
        "deleted": record.deleted_at is not None,
        "version": record.version,
        "owner": record.owner,
        "is_own": is_own,
        "shared": shared,
    }
    return encode("conversation", fields)


def withdrawn(conversation: ConversationId) -> str:
    """A `conversation` that its reader may not read any more: nothing of it but the id."""
    fields = {
        "conversation": conversation,
        "title": "",
        "sensitivity": Sensitivity.CLEAN.word,
        "pinned": False,
        "archived": False,
        "deleted": True,
        "version": 0,
        "owner": None,
        "is_own": False,
        "shared": False,
    }
    return encode("conversation", fields)


def draft(record: DraftRecord) -> str:
    """What the person typed, maybe on another device; an empty text: it was sent or removed."""
    fields = {"conversation": record.conversation, "text": record.text, "updated_at": record.updated_at}
    return encode("draft", fields)


def label(conversation: ConversationId, message: MessageId, sensitivity: Sensitivity) -> str:
    """The label of one message from now on; a running answer may get it before its text is whole."""
    return encode("label", {"conversation": conversation, "message": message, "sensitivity": sensitivity.word})


def labels(records: Iterable[MessageRecord]) -> list[str]:
    """A `label` for each of these messages."""
    return [label(record.conversation, record.id, record.label) for record in records]


def checked(client_id: str, foreseen: Foreseen) -> str:
    """What would happen: `route` is null when nothing is permitted; `without` is the route without the spans.

    `changes`: what another route would take, at most four; `budget` is the limit that would be reached first, or null.
    """
    inspection, decision = foreseen.found.inspection, foreseen.found.choice.decision
    fields = {
        "id": client_id,
        "sensitivity": inspection.sensitivity.word,
        "spans": [_span(finding) for finding in inspection.newest.findings],
        "route": _route(decision),
        "estimate_microusd": _estimate(decision),
        "without": _route(foreseen.without.choice.decision) if foreseen.without else None,
        "changes": [_change(change) for change in foreseen.changes],
        "budget": _budget(foreseen.allowance) if foreseen.allowance else None,
        "attachments": _files(foreseen),
    }
    return encode("checked", fields)


def _files(foreseen: Foreseen) -> list[dict[str, Any]]:
    """What was found in each attached file. They stand right before the question, in the order of their ids."""
    chat, inspection = foreseen.found.asked.request.chat, foreseen.found.inspection
    ids = chat.attachments if chat else ()
    labels = inspection.labels[-len(ids) - 1 : -1] or (inspection.sensitivity,) * len(ids)
    return [{"id": file, "sensitivity": label.word} for file, label in zip(ids, labels, strict=True)]


def _estimate(decision: Decision | None) -> int | None:
    """Of all that are asked at once."""
    if decision is None or not decision.ranked:
        return None
    return sum(entry.estimate_micro_usd for entry in decision.ranked[: decision.together])


def _route(decision: Decision | None) -> dict[str, str] | None:
    return _goes_to(decision.ranked[0]) if decision and decision.ranked else None


def _goes_to(entry: Ranked) -> dict[str, str]:
    return {"model": entry.candidate.model, "hosting": entry.candidate.hosting.value}


def _change(change: Change) -> dict[str, Any]:
    """`spans` are offsets in the text that was checked; `quality` and `better` are about the task named beside them."""
    return {
        "remove": list(change.remove),
        "spans": [
            {"type": span.type, "start": span.start, "end": span.end, "placeholder": span.text} for span in change.spans
        ],
        "route": _goes_to(change.chosen),
        "estimate_microusd": change.chosen.estimate_micro_usd,
        "quality": round(change.chosen.expected_quality, 3),
        "task": change.task,
        "domain": change.domain,
        "better": change.better,
    }


def _budget(allowance: Allowance) -> dict[str, Any]:
    return {
        "left_microusd": allowance.left,
        "limit_microusd": allowance.limit,
        "period": allowance.period,
        "ends_at": allowance.ends_at.isoformat() if allowance.ends_at else None,
        "state": allowance.state,
    }


def _span(finding: Finding) -> dict[str, Any]:
    return {"type": finding.type, "start": finding.start, "end": finding.end}


def _entities(found: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"type": name, "count": count} for name, count in found]


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "estimated": usage.estimated,
    }
