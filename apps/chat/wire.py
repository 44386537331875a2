"""The frames that the server sends. Pure: values in, the text of one frame out; names are those of the contract.

`said` stands beside a sentence for people where it has a stable code (a list with nulls beside a list): the code and
parameters, from which a page builds the sentence in another language.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from apps.chat.values import ConversationRecord, MessageRecord
from apps.domain.decision import Decision
from apps.domain.errors import OpenRouteError
from apps.domain.ids import ConversationId, MessageId, TurnId
from apps.domain.money import Usage
from apps.domain.privacy import Finding, Inspection
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
        "attachments": [],
    }
    return encode("message", fields if record.turn is None else fields | {"turn": record.turn})


def state(conversation: ConversationId, running: Iterable[tuple[TurnId, int]]) -> str:
    turns = [{"turn": turn, "seq": seq} for turn, seq in running]
    return encode("state", {"conversation": conversation, "running": turns})


def conversation(record: ConversationRecord) -> str:
    """What a list of conversations shows; `deleted` says that it left the list."""
    fields = {
        "conversation": record.id,
        "title": record.title,
        "sensitivity": record.label.word,
        "pinned": record.pinned,
        "archived": record.archived,
        "deleted": record.deleted_at is not None,
        "version": record.version,
    }
    return encode("conversation", fields)


def label(record: MessageRecord) -> str:
    fields = {"conversation": record.conversation, "message": record.id, "sensitivity": record.label.word}
    return encode("label", fields)


def checked(client_id: str, inspection: Inspection, decision: Decision | None, without: Decision | None) -> str:
    """What would happen: `route` is null when nothing is permitted; `without` is the route without the spans."""
    route = _route(decision)
    fields = {
        "id": client_id,
        "sensitivity": inspection.sensitivity.word,
        "spans": [_span(finding) for finding in inspection.newest.findings],
        "route": route,
        "estimate_microusd": decision.ranked[0].estimate_micro_usd if decision and decision.ranked else None,
        "without": _route(without),
    }
    return encode("checked", fields)


def _route(decision: Decision | None) -> dict[str, str] | None:
    if decision is None or not decision.ranked:
        return None
    candidate = decision.ranked[0].candidate
    return {"model": candidate.model, "hosting": candidate.hosting.value}


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
