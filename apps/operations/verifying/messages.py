"""Messages and conversations: the tree, the labels, and the documents that wait for the mirror."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from apps.chat import selectors as chat
from apps.chat.values import ConversationFacts, MessageFacts, conversation_of
from apps.core.models import Job
from apps.domain.ids import TenantId
from apps.mirror import selectors as mirror
from apps.mirror.selectors import Mark
from apps.operations.verifying.findings import Finding, Violation

RELABEL: Final = "chat.relabel"
SKEW: Final = timedelta(minutes=5)
"""By which a clock may have been set back between two changes."""
Document = MessageFacts | ConversationFacts


def check_messages(tenant: TenantId, finding: Finding) -> None:
    """Parents stand in the same conversation, and no answer is labelled below what it was derived from."""
    for batch in chat.message_facts(tenant):
        finding.looked += len(batch)
        finding.add(Violation(f"message {fact.id}", told) for fact in batch for told in _message(fact))


def _message(message: MessageFacts) -> Iterator[str]:
    if message.parent is None and message.role == "assistant":
        yield "It is an answer and follows no question."
    if message.parent is not None and message.parent_conversation != message.conversation:
        yield f"Its parent {message.parent} stands in another conversation."
    highest = max(message.above, default=message.label)
    if message.label < highest:
        yield f"It is labelled {message.label.word}, and was derived from {highest.word} text."
    if message.state == "streaming" and message.turn is None:
        yield "It is still being written, by no turn."


def check_conversations(tenant: TenantId, finding: Finding) -> None:
    """A conversation carries the highest label of its messages, or a job that will bring it there."""
    for batch in chat.conversation_facts(tenant):
        finding.looked += len(batch)
        low = [fact for fact in batch if fact.label < fact.highest]
        waiting = _waiting(tenant, low)
        finding.add(
            Violation(f"conversation {fact.id}", f"It is labelled {fact.label.word}, a message {fact.highest.word}.")
            for fact in low
            if str(fact.id) not in waiting
        )


def _waiting(tenant: TenantId, low: Sequence[ConversationFacts]) -> frozenset[str]:
    if not low:
        return frozenset()
    jobs = Job.objects.filter(tenant_id=tenant, kind=RELABEL, subject__in=[str(fact.id) for fact in low])
    return frozenset(jobs.exclude(state__in=(Job.State.DONE, Job.State.FAILED)).values_list("subject", flat=True))


def check_outbox(tenant: TenantId, finding: Finding) -> None:
    """Each document waits once, in its newest version and not before it was made; none is another company's.

    Nothing ships documents yet, so every one of them waits.
    """
    for documents in _documents(tenant):
        finding.looked += len(documents)
        waiting = mirror.marks_of(tenant, [document.path for document in documents])
        finding.add(
            Violation(document.path, told)
            for document in documents
            for told in _mark(document, waiting.get(document.path, ()))
        )
    for marks in mirror.marks(tenant):
        finding.add(_foreign(tenant, marks))


def _documents(tenant: TenantId) -> Iterator[Sequence[Document]]:
    yield from chat.conversation_facts(tenant)
    yield from chat.message_facts(tenant)


def _mark(document: Document, marks: Sequence[Mark]) -> Iterator[str]:
    if len(marks) != 1:
        yield f"It has {len(marks)} entries in the outbox; version {document.version} is to be mirrored once."
        return
    (mark,) = marks
    if mark.version != document.version:
        yield f"Version {mark.version} waits in the outbox; the document has version {document.version}."
    if mark.dirty_at < document.created_at - SKEW:
        yield "It waits in the outbox since before it was made, so it would overtake what came before it."


def _foreign(tenant: TenantId, marks: Sequence[Mark]) -> Iterator[Violation]:
    named = {mark.path: conversation_of(mark.path) for mark in marks}
    owners = chat.owners_of([name for name in named.values() if name is not None])
    for path, name in named.items():
        if name is None:
            yield Violation(path, "No conversation is kept under such a path.")
        elif owners.get(name, tenant) != tenant:
            yield Violation(path, f"The conversation belongs to tenant {owners[name]}.")
