"""Stored labels follow the exceptions: down when one is granted, up again when it ends.

Questions do not wait for this: what a new one may be sent to is decided by the exceptions in force at that moment
(`domain.policy.TextException`). What is stored decides what lists, exports and the mirror show.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Case, Value, When

from apps.chat import services
from apps.chat.attachments import prompt
from apps.chat.attachments import selectors as attachments
from apps.chat.models import Conversation, Message
from apps.chat.relabelling import Node, relabelled
from apps.chat.values import document_path
from apps.core import clock, db, jobs
from apps.core.jobs import Running
from apps.domain.ids import ConversationId, TeamId, TenantId
from apps.domain.messages import PromptMessage, Role
from apps.domain.policy import Policy
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel
from apps.mirror import services as mirror
from apps.policies import exceptions
from apps.policies import selectors as policies
from apps.policies.values import ExceptionRecord
from apps.privacy import services as privacy
from apps.privacy.values import Profile
from apps.tenants import selectors as tenants
from apps.turns.services import TurnRunning

EXCEPTION: Final = "chat.exception"
BATCH: Final = 200


def follow(tenant: TenantId, record: ExceptionRecord, at: datetime) -> None:
    """Ask for the labels of its conversation to be brought in line, in the transaction that decided on it."""
    jobs.enqueue(
        tenant=tenant,
        kind=EXCEPTION,
        subject=f"{record.id}:{record.state}",
        payload={"conversation": str(record.conversation)},
        due_at=at,
    )


def apply(running: Running) -> None:
    """Handler of `chat.exception`.

    Raises:
        TurnRunning: an answer is being written, whose label is not final; the job is tried again.
    """
    tenant, conversation = running.tenant, ConversationId(UUID(running.payload["conversation"]))
    row = Conversation.objects.for_tenant(tenant).filter(pk=conversation).first()
    if row is None:
        return
    privacy.start()
    is_whole = _relabel(tenant, row)
    services.settle_label(tenant=tenant, conversation=conversation, at=clock.now())
    if not is_whole:
        raise TurnRunning("An answer of this conversation is being written.")


def _relabel(tenant: TenantId, row: Conversation) -> bool:
    """Write the labels that change. False: an answer was left out, because it is being written."""
    at = clock.now()
    policy = policies.current(tenant)
    ever = {record.message for record in exceptions.of_conversation(tenant, row.pk)}
    exempt = {message for message in ever if (e := policy.exceptions.get(message)) and e.holds(at)}
    nodes = _nodes(tenant, row.pk)
    texts = _Texts(tenant, row, policy, exempt)
    changed = list(relabelled(nodes, exempt=exempt, ever=ever, own=texts.own))
    for start in range(0, len(changed), BATCH):
        _write(tenant, row, changed[start : start + BATCH], at)
    return all(node.state != Message.State.STREAMING for node in nodes)


def _nodes(tenant: TenantId, conversation: UUID) -> list[Node]:
    messages = Message.objects.for_tenant(tenant).filter(conversation=conversation).order_by("id")
    rows = messages.annotate(has_text=Case(When(text="", then=Value(False)), default=Value(True)))
    fields = ("id", "parent_id", "role", "state", "has_text", "label_source", "label", "found")
    return [
        Node(
            pk, parent, role, state, has_text, source == Message.LabelSource.OWN, Sensitivity(label),
            Sensitivity(label if found is None else found),
        )
        for pk, parent, role, state, has_text, source, label, found in rows.values_list(*fields)
    ]  # fmt: skip


def _write(tenant: TenantId, row: Conversation, changed: Sequence[tuple[Node, Sensitivity]], at: datetime) -> None:
    with db.atomic():
        labels = {node.id: (node, label) for node, label in changed}
        rows = Message.objects.for_tenant(tenant).select_for_update().filter(pk__in=labels).order_by("id")
        for message in rows:
            node, label = labels[message.pk]
            if message.label != node.label:  # it was closed meanwhile; the next run looks at it again
                continue
            message.label, message.version = int(label), message.version + 1
            message.found = int(node.found) if message.found is None else message.found
            message.save(update_fields=["label", "found", "version"])
            path = document_path(row.pk, message.pk)
            mirror.mark(tenant=tenant, path=path, version=message.version, at=at)


class _Texts:
    """What the answers of a conversation hold themselves, the words of its exempted questions excepted."""

    def __init__(self, tenant: TenantId, row: Conversation, policy: Policy, exempt: set[UUID]) -> None:
        self._tenant, self._policy = tenant, policy
        self._profile = profile_of(tenant, row, policy)
        self._rules = privacy.answer_rules(self._profile, harmless=self._harmless(exempt))

    def own(self, node: Node) -> Sensitivity:
        if self._rules is None or not node.has_text:
            return Sensitivity.CLEAN
        text = Message.objects.for_tenant(self._tenant).values_list("text", flat=True).get(pk=node.id)
        return privacy.inspect_answer_now(text, self._rules).sensitivity

    def _harmless(self, exempt: set[UUID]) -> frozenset[str]:
        if not exempt:
            return frozenset()
        types = {message: self._policy.exceptions[message].types for message in exempt}
        return privacy.inspect_now(questions(self._tenant, exempt), self._profile, exempt=types).harmless


def profile_of(tenant: TenantId, row: Conversation, policy: Policy) -> Profile:
    """The profile of the policy that counts in a conversation."""
    team = None if row.team_id is None else tenants.team(tenant, TeamId(row.team_id)).slug
    return Profile.of(tenant, policy, channel=Channel.CHAT.value, team=team)


def questions(tenant: TenantId, ids: set[UUID]) -> tuple[PromptMessage, ...]:
    """These questions and the files that were sent with them, as models are shown them; none of what is deleted."""
    there = Message.objects.for_tenant(tenant).filter(pk__in=ids, conversation__deleted_at=None)
    rows = there.filter(role=Message.Role.USER).order_by("id")
    texts = list(rows.values_list("id", "label", "text"))
    contents = attachments.contents_of(tenant=tenant, messages=[pk for pk, _, _ in texts])
    files = prompt.of_branch(contents, [(pk, Sensitivity(label)) for pk, label, _ in texts])
    made: list[PromptMessage] = []
    for pk, label, text in texts:
        made += files.get(pk, ())
        made.append(PromptMessage(Role.USER, text, known=Sensitivity(label), stored=pk))
    return tuple(made)
