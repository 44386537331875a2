"""Asking compliance for an exception, and what follows from its decision: the use cases round `policies.excepting`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from apps.chat import lowering, selectors
from apps.chat.models import Conversation, Message
from apps.chat.values import MessageRecord
from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import MessageId, TenantId, UserId
from apps.domain.privacy import Inspection, Sensitivity
from apps.policies import excepting, exceptions
from apps.policies import selectors as policies
from apps.policies.values import ExceptionRecord
from apps.privacy import services as privacy

NOT_PRIVATE: Final = "This question does not count as private, so there is nothing to ask for."
UNCHECKED: Final = (
    "This question could not be checked, so nobody can say that only these findings are in it. Ask it again without "
    "what cannot be read."
)


@dataclass(frozen=True, slots=True)
class Content:
    """A question as an officer reads it; files are shown with what is kept of their text."""

    text: str
    files: tuple[str, ...]


def ask(*, tenant: TenantId, user: UserId, message: MessageId, because: str, at: datetime) -> ExceptionRecord:
    """Ask compliance to declare one's own question not private. The officer who decides may read it.

    Raises:
        NotFound: it is not this person's.
        InvalidRequest: it is no question, not private, or could not be classified.
        AlreadyAsked: an exception for it waits or is in force.
    """
    record = _question(tenant, user, message)
    if record.label is Sensitivity.CLEAN:
        raise InvalidRequest(NOT_PRIVATE, fields={"message": "is not private"})
    inspection = _inspected(tenant, record)
    if Sensitivity.UNCLASSIFIED in (record.label, inspection.sensitivity):
        raise InvalidRequest(UNCHECKED, fields={"message": "could not be classified"})
    types = tuple(name for name, _ in inspection.entities)
    subject = excepting.Subject(message=record.id, conversation=record.conversation, types=types)
    return excepting.ask(tenant=tenant, user=user, subject=subject, because=because, at=at)


def of_question(*, tenant: TenantId, user: UserId, message: MessageId) -> ExceptionRecord | None:
    """The newest exception that was asked for this question of this person. Raises `NotFound`: not their question."""
    record = _question(tenant, user, message)
    return exceptions.of_messages(tenant, [record.id]).get(record.id)


def withdraw(*, tenant: TenantId, user: UserId, message: MessageId, at: datetime) -> ExceptionRecord:
    """Take back what one asked for, before or after it was granted. Raises `NotFound`, `AlreadyDecided`."""
    found = of_question(tenant=tenant, user=user, message=message)
    if found is None:
        raise NotFound(exceptions.ABSENT)
    with db.atomic():
        record = excepting.withdraw(tenant=tenant, exception=found.id, user=user, at=at)
        return _followed(tenant, record, at)


def read(*, tenant: TenantId, exception: UUID, officer: UserId, at: datetime) -> Content:
    """The question that an exception is asked for, and its files; on record, and its author sees who read it.

    Raises:
        NotFound: there is no such exception, or the question was removed.
        AlreadyDecided: it is over.
    """
    found = lowering.questions(tenant, {exceptions.get(tenant, exception).message})
    if not found:
        raise NotFound("The question was removed meanwhile.")
    excepting.opened(tenant=tenant, exception=exception, officer=officer, at=at)  # no reading without record
    *files, question = found
    return Content(question.text, tuple(file.text for file in files))


def grant(
    *, tenant: TenantId, exception: UUID, officer: UserId, because: str, days: int, at: datetime
) -> ExceptionRecord:
    """See `excepting.grant`; the labels follow in the background."""
    with db.atomic():
        record = excepting.grant(tenant=tenant, exception=exception, officer=officer, because=because, days=days, at=at)
        return _followed(tenant, record, at)


def refuse(*, tenant: TenantId, exception: UUID, officer: UserId, because: str, at: datetime) -> ExceptionRecord:
    """See `excepting.refuse`."""
    return excepting.refuse(tenant=tenant, exception=exception, officer=officer, because=because, at=at)


def end(*, tenant: TenantId, exception: UUID, officer: UserId | None, at: datetime) -> ExceptionRecord:
    """See `excepting.end`; the labels follow in the background."""
    with db.atomic():
        return _followed(tenant, excepting.end(tenant=tenant, exception=exception, officer=officer, at=at), at)


def end_due(*, at: datetime) -> int:
    """Put what is over on record, and bring the labels back. Returns how many."""
    ended = 0
    for tenant, exception in excepting.due(at=at):
        try:
            end(tenant=tenant, exception=exception, officer=None, at=at)
            ended += 1
        except excepting.AlreadyDecided:  # by somebody meanwhile
            continue
    return ended


def _followed(tenant: TenantId, record: ExceptionRecord, at: datetime) -> ExceptionRecord:
    if record.decided_at is not None:  # what was never granted has changed no label
        lowering.follow(tenant, record, at)
    return record


def _question(tenant: TenantId, user: UserId, message: MessageId) -> MessageRecord:
    record = selectors.own_message(tenant=tenant, user=user, message=message)
    if record.role != Message.Role.USER:
        raise InvalidRequest("Exceptions are asked for questions.", fields={"message": "is an answer"})
    return record


def _inspected(tenant: TenantId, record: MessageRecord) -> Inspection:
    """What is found in the question by the rules of today, whatever its label says."""
    policy = policies.current(tenant)
    row = Conversation.objects.for_tenant(tenant).get(pk=record.conversation)
    return privacy.inspect_now(lowering.questions(tenant, {record.id}), lowering.profile_of(tenant, row, policy))
