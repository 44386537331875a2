"""What people did with answers, read from messages and ratings: signals for the profiles, never text.

A signal is about the model that wrote most of what stood there; where two wrote equally much, about the last one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Length

from apps.chat.models import Feedback, Message
from apps.core.tenancy import TenantQuerySet
from apps.domain.ids import TenantId, TurnId
from apps.turns.learning import is_auto

VALUES: Final[Mapping[str, float]] = {Feedback.Verdict.UP: 1.0, Feedback.Verdict.DOWN: 0.0}


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody did about the answer of `turn`, which `model` wrote. `value` is a quality in [0, 1].

    `length` is that of the answer as it stood, in code points.
    """

    turn: TurnId
    model: str
    signal: str
    value: float
    at: datetime
    length: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """A message without its text."""

    id: UUID
    conversation: UUID
    parent: UUID | None
    turn: UUID | None
    is_answer: bool
    state: str
    label: int
    model: str
    parts: list[dict[str, Any]] | None
    length: int
    at: datetime

    @property
    def is_whole_answer(self) -> bool:
        return self.is_answer and self.state == Message.State.OK

    def remark(self, signal: str, value: float, at: datetime) -> Remark | None:
        writer = writer_of(self.model, self.parts or (), self.length)
        if self.turn is None or not writer:
            return None
        return Remark(TurnId(self.turn), writer, signal, value, at, self.length)


def writer_of(model: str, parts: Iterable[Mapping[str, Any]], length: int) -> str:
    """Who wrote most of an answer. Pure.

    Args:
        model: who answered where it was one alone; empty: nobody did.
        parts: see `apps.chat.parts`.
        length: of the whole answer, in code points.
    """
    begins = [(part["at"], part["model"]) for part in parts]
    if not begins:
        return model
    ends = [*(at for at, _ in begins[1:]), length]
    shares = [(end - at, place, name) for place, ((at, name), end) in enumerate(zip(begins, ends, strict=True))]
    return str(max(shares)[2])


def rated(tenant: TenantId, messages: Collection[UUID]) -> tuple[Remark, ...]:
    """The ratings of these answers as they are now: a thumb that was turned is one thumb. Two queries."""
    if not messages:
        return ()
    answers = {shown.id: shown for shown in _read(_rows(tenant).filter(id__in=messages))}
    verdicts = Feedback.objects.for_tenant(tenant).filter(message_id__in=answers).order_by("at", "id")
    found: dict[UUID, Remark] = {}
    for message, verdict, at in verdicts.values_list("message_id", "verdict", "at"):
        remark = answers[message].remark("thumb", VALUES[verdict], at)
        if remark is not None:
            found[message] = remark
    return tuple(found.values())


def remarked(tenant: TenantId, asked: Mapping[TurnId, str]) -> tuple[Remark, ...]:
    """What the questions and answers of these turns say about answers that stood there before, and about their own.

    An answer that was given again, an answer whose question was changed afterwards, an answer that was stopped.

    Args:
        asked: the model that was asked for, `auto` or a name, by turn.
    """
    new = _read(_rows(tenant).filter(turn_id__in=asked)) if asked else []
    if not new:
        return ()
    with_question = {shown.turn for shown in new if not shown.is_answer}
    again = [shown for shown in new if shown.is_answer and shown.turn not in with_question]
    edits = [shown for shown in new if not shown.is_answer]
    found = [_stopped(shown) for shown in new]
    found += _given_again(tenant, again, asked)
    found += _changed(tenant, edits)
    return tuple(remark for remark in found if remark is not None)


def _stopped(shown: _Shown) -> Remark | None:
    if not shown.is_answer or shown.state != Message.State.STOPPED or not shown.length:
        return None
    return shown.remark("stopped", 0.0, shown.at)


def _given_again(tenant: TenantId, again: Collection[_Shown], asked: Mapping[TurnId, str]) -> list[Remark | None]:
    """An answer that is given again replaces the one before it, on purpose by another model where one was named."""
    siblings = _by_parent(_read(_rows(tenant).filter(parent_id__in={shown.parent for shown in again}))) if again else {}
    found = []
    for shown in again:
        before = _before(shown, siblings[shown.conversation, shown.parent])
        if before is not None and before.is_whole_answer and shown.turn is not None:
            name = asked[TurnId(shown.turn)]
            other = not is_auto(name) and name != before.model
            found.append(before.remark("model_changed" if other else "regenerated", 0.0, shown.at))
    return found


def _changed(tenant: TenantId, edits: Collection[_Shown]) -> list[Remark | None]:
    """A question with an older sibling is that one, changed; what was answered to it by then did not help.

    One that left something private out was changed for that, whatever the answer was.
    """
    if not edits:
        return []
    roots = {shown.conversation for shown in edits if shown.parent is None}
    parents = {shown.parent for shown in edits if shown.parent is not None}
    beside = Q(parent_id__in=parents) | Q(parent_id=None, conversation_id__in=roots)
    siblings = _by_parent(_read(_rows(tenant).filter(beside)))
    originals = {shown.id: _before(shown, siblings[shown.conversation, shown.parent]) for shown in edits}
    questions = {original.id for original in originals.values() if original is not None}
    answers = _by_parent(_read(_rows(tenant).filter(parent_id__in=questions))) if questions else {}
    found = []
    for shown in edits:
        original = originals[shown.id]
        if original is not None and shown.label >= original.label:
            answer = _before(shown, answers.get((original.conversation, original.id), ()))
            if answer is not None and answer.is_whole_answer:
                found.append(answer.remark("edited", 0.0, shown.at))
    return found


def _before(shown: _Shown, others: Iterable[_Shown]) -> _Shown | None:
    """The newest of the others that is older."""
    return max((other for other in others if other.id < shown.id), key=lambda other: other.id, default=None)


def _by_parent(rows: Iterable[_Shown]) -> Mapping[tuple[UUID, UUID | None], list[_Shown]]:
    found: dict[tuple[UUID, UUID | None], list[_Shown]] = defaultdict(list)
    for shown in rows:
        found[shown.conversation, shown.parent].append(shown)
    return found


def _rows(tenant: TenantId) -> TenantQuerySet[Message]:
    return Message.objects.for_tenant(tenant)


def _read(rows: TenantQuerySet[Message]) -> list[_Shown]:
    names = ("id", "conversation_id", "parent_id", "turn_id", "role", "state", "label", "model", "parts")
    found = rows.annotate(length=Length("text")).order_by("id").values_list(*names, "length", "created_at")
    return [
        _Shown(pk, conversation, parent, turn, role == Message.Role.ASSISTANT, *rest)
        for pk, conversation, parent, turn, role, *rest in found
    ]
