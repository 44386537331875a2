"""Stores questions and answers in the very transactions that open and close their turns. Stateless and pure.

The answer's row is inserted when its turn opens, empty and `streaming`: another device sees it at once, and whoever
closes the turn, its owner or the sweeper, finds it by the turn's id and gives it its final state.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from apps.chat import drafts, followups, selectors
from apps.chat.attachments import taking
from apps.chat.history import as_prompt
from apps.chat.models import Conversation, Message
from apps.chat.parts import parts_of
from apps.chat.search import index
from apps.chat.values import document_path
from apps.core.models import Job
from apps.core.threads import in_db
from apps.core.writes import Read, Row, Rows, WriteSet
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TenantId, new_id
from apps.domain.limits import MAX_MESSAGES
from apps.domain.messages import PromptMessage
from apps.domain.privacy import Sensitivity, highest
from apps.domain.turn import ChatRef, TurnRequest
from apps.mirror import planning as mirror
from apps.turns.operations import CloseTurn, OpenTurn
from apps.turns.services import TurnRunning

CHANGED: Final = ("label", "leaf_id", "active_at", "updated_at", "version")
CONVERSATION_FIELDS: Final = ("id", "tenant_id", "owner_id", "deleted_at", *CHANGED)
MESSAGE_FIELDS: Final = ("id", "conversation_id", "parent_id", "turn_id", "role", "state", "label", "version")
FINAL: Final = {"completed": Message.State.OK, "stopped": Message.State.STOPPED, "refused": Message.State.REFUSED}
BUSY: Final = "This branch is still being answered. Wait for the answer, stop it, or ask on another branch."


class LeafMoved(TurnRunning):
    """The question was to follow the newest message, and another one has come meanwhile: place it again."""


class ChatRecorder:
    """The recorder of the channel `chat` (see `turns.recorders.Recorder`)."""

    name = "chat"

    async def history(self, request: TurnRequest) -> tuple[PromptMessage, ...]:
        chat = _place(request)
        await index.ahead_of_long(message.text for message in request.messages[-1:])
        if chat.parent is None:
            return ()
        branch = await in_db(
            selectors.said,
            tenant=request.principal.tenant,
            user=request.principal.user,
            conversation=chat.conversation,
            leaf=chat.parent,
            limit=MAX_MESSAGES - 1,
        )
        _check_parent(chat, role=branch[-1].role, state=branch[-1].state)
        files = await in_db(taking.files_of, request.principal.tenant, branch)
        return as_prompt(branch, again=chat.question is None, files=files)

    def open_reads(self, opens: Sequence[OpenTurn]) -> Sequence[Read]:
        index.ahead(operation.request.messages[-1].text for operation in opens if operation.request.messages)
        places = [_place(operation.request) for operation in opens]
        known = tuple(chat.conversation for chat in places if not chat.is_new)
        parents = tuple(chat.parent for chat in places if chat.parent is not None)
        return [
            Read(Conversation, "id", known, CONVERSATION_FIELDS),
            Read(Message, "id", parents, MESSAGE_FIELDS, lock=False),
            taking.reads(places),
            drafts.reads(opens),
        ]

    def close_reads(self, closes: Sequence[CloseTurn]) -> Sequence[Read]:
        index.ahead(operation.text for operation in closes)
        turns = tuple(operation.turn for operation in closes)
        return [Read(Message, "turn_id", turns, MESSAGE_FIELDS, lock=False)]

    def open_rows(self, operation: OpenTurn, rows: Rows, writes: WriteSet, at: datetime) -> None:
        """The question, and the answer's empty row. A refused question is stored as `refused`.

        Raises:
            NotFound: the conversation is deleted or not the asker's, or the parent is not in it.
            TurnRunning: the branch is being answered.
            LeafMoved: the parent is the newest message no longer, as it was meant to be.
        """
        chat = _place(operation.request)
        parent = _parent(chat, rows)
        conversation = None if chat.is_new else _own_conversation(operation, rows)
        if chat.follows and conversation is not None and conversation["leaf_id"] != chat.parent:
            raise LeafMoved(BUSY)
        _open_messages(operation, parent, writes, at)
        taking.take(operation, rows, writes)
        drafts.sent(operation, rows, writes, at)
        label = operation.inspection.sensitivity
        if conversation is None:
            _insert_conversation(operation, label, writes, at)
        else:
            _go_on(conversation, chat, label, writes, at)
        index.plan_new(writes)

    def close_rows(
        self, turn: Mapping[str, Any], operation: CloseTurn, rows: Rows, writes: WriteSet, at: datetime
    ) -> None:
        """The answer's text and final state. The conversation's own row is not touched: closes never wait for it.

        What an erasure removed meanwhile stays removed.
        """
        stored = [row for row in rows.of(Message) if row["turn_id"] == operation.turn]
        answer = next((row for row in stored if row["role"] == Message.Role.ASSISTANT), None)
        if answer is None:
            return
        inherited = Sensitivity(answer["label"])
        label = highest((inherited, Sensitivity.parse(operation.answer_label) if operation.answer_label else inherited))
        state = _final_state(operation)
        version = answer["version"] + 1
        writes.update(
            Message,
            answer["id"],
            text=operation.text,
            state=state,
            label=int(label),
            label_source=Message.LabelSource.OWN if label > inherited else Message.LabelSource.DERIVED,
            model=operation.model,
            hosting=operation.hosting,
            finish=operation.finish.value if operation.finish else "",
            error=operation.code,
            version=version,
            **({"parts": parts} if (parts := parts_of(operation)) else {}),
        )
        mirror.mark(writes, operation.tenant, document_path(answer["conversation_id"], answer["id"]), version, at)
        index.plan_answer(writes, operation.tenant, answer, operation.text)
        if label > inherited:
            _later(followups.RELABEL, answer["conversation_id"], operation.tenant, writes, at)
        is_first = any(row["role"] == Message.Role.USER and row["parent_id"] is None for row in stored)
        if is_first and state == Message.State.OK:
            _later(followups.TITLE, answer["conversation_id"], operation.tenant, writes, at, answer=str(answer["id"]))


RECORDER = ChatRecorder()


def _place(request: TurnRequest) -> ChatRef:
    if request.chat is None:
        raise InvalidRequest("A chat turn needs the conversation that it belongs to.")
    return request.chat


def _find(rows: Rows, model: type[Conversation | Message], pk: object) -> Row | None:
    """The first row of this key: all operations of a batch share it, so that each sees what the one before changed."""
    return next((row for row in rows.of(model) if row["id"] == pk), None)


def _check_parent(chat: ChatRef, *, role: str, state: str) -> None:
    """A question follows an answer, and an answer a question."""
    wanted = Message.Role.USER if chat.question is None else Message.Role.ASSISTANT
    if role != wanted:
        raise InvalidRequest("`parent` must be an answer.", fields={"parent": "must be an answer"})
    if state == Message.State.STREAMING:
        raise TurnRunning(BUSY)


def _parent(chat: ChatRef, rows: Rows) -> Row | None:
    if chat.parent is None:
        return None
    parent = _find(rows, Message, chat.parent)
    if parent is None or parent["conversation_id"] != chat.conversation:
        raise NotFound("There is no such message in this conversation.")
    _check_parent(chat, role=parent["role"], state=parent["state"])
    return parent


def _own_conversation(operation: OpenTurn, rows: Rows) -> Row:
    row = _find(rows, Conversation, _place(operation.request).conversation)
    principal = operation.request.principal
    mine = row is not None and row["tenant_id"] == principal.tenant and row["owner_id"] == principal.user
    if row is None or not mine or row["deleted_at"] is not None:
        raise NotFound("There is no such conversation.")
    return row


def _open_messages(operation: OpenTurn, parent: Row | None, writes: WriteSet, at: datetime) -> None:
    chat, principal = _place(operation.request), operation.request.principal
    refused = operation.refusal is not None
    common = {
        "tenant_id": operation.tenant,
        "conversation_id": chat.conversation,
        "turn_id": operation.turn,
        "created_at": at,
    }
    if chat.question is not None:
        writes.insert(
            Message,
            id=chat.question,
            parent_id=chat.parent,
            role=Message.Role.USER,
            author_id=principal.user,
            text=operation.request.messages[-1].text,
            state=Message.State.REFUSED if refused else Message.State.OK,
            label=int(_label_of_question(operation)),
            **common,
        )
        mirror.mark(writes, operation.tenant, document_path(chat.conversation, chat.question), 1, at)
    elif parent is not None and parent["state"] == Message.State.REFUSED and not refused:
        _accept_after_all(operation, parent, writes, at)
    writes.insert(
        Message,
        id=chat.answer,
        parent_id=chat.parent if chat.question is None else chat.question,
        role=Message.Role.ASSISTANT,
        state=Message.State.REFUSED if refused else Message.State.STREAMING,
        label=int(operation.inspection.sensitivity),
        label_source=Message.LabelSource.DERIVED,
        error=operation.refusal.code if operation.refusal else "",
        **common,
    )
    mirror.mark(writes, operation.tenant, document_path(chat.conversation, chat.answer), 1, at)


def _accept_after_all(operation: OpenTurn, question: Row, writes: WriteSet, at: datetime) -> None:
    """A question that was refused once is asked again and permitted now."""
    question["state"], question["version"] = Message.State.OK, question["version"] + 1
    writes.update(Message, question["id"], state=question["state"], version=question["version"])
    path = document_path(question["conversation_id"], question["id"])
    mirror.mark(writes, operation.tenant, path, question["version"], at)


def _label_of_question(operation: OpenTurn) -> Sensitivity:
    """What was found in the question and its files; when nothing is known per message, the whole request's label."""
    labels = operation.inspection.labels[-len(operation.request.messages) :]
    return highest(labels) if labels else operation.inspection.sensitivity


def _insert_conversation(operation: OpenTurn, label: Sensitivity, writes: WriteSet, at: datetime) -> None:
    chat, request = _place(operation.request), operation.request
    writes.insert(
        Conversation,
        id=chat.conversation,
        tenant_id=operation.tenant,
        owner_id=request.principal.user,
        team_id=request.team,
        title=followups.first_words(request.messages[-1].text),
        label=int(label),
        leaf_id=chat.answer,
        created_at=at,
        active_at=at,
        updated_at=at,
    )
    mirror.mark(writes, operation.tenant, document_path(chat.conversation), 1, at)


def _go_on(conversation: Row, chat: ChatRef, label: Sensitivity, writes: WriteSet, at: datetime) -> None:
    """The row is changed in place, so that the next operation of the batch goes on from here.

    `updated_at` moves only with what lists show: a question alone changes nothing there but the order.
    """
    if int(label) > conversation["label"]:
        conversation["label"], conversation["updated_at"] = int(label), at
        _later(followups.RELABEL, conversation["id"], conversation["tenant_id"], writes, at)
    conversation["leaf_id"], conversation["active_at"] = chat.answer, at
    conversation["version"] += 1
    writes.update(Conversation, conversation["id"], **{name: conversation[name] for name in CHANGED})
    mirror.mark(writes, conversation["tenant_id"], document_path(conversation["id"]), conversation["version"], at)


def _final_state(operation: CloseTurn) -> Message.State:
    return FINAL.get(operation.state, Message.State.PARTIAL if operation.text else Message.State.FAILED)


def _later(kind: str, conversation: UUID, tenant: TenantId, writes: WriteSet, at: datetime, **payload: str) -> None:
    """A job about the conversation; asked for again it runs again."""
    writes.upsert(
        Job,
        ("tenant_id", "kind", "subject"),
        id=new_id(),
        tenant_id=tenant,
        kind=kind,
        subject=str(conversation),
        payload=payload,
        state=Job.State.WAITING,
        due_at=at,
        lease_until=None,
        tries=0,
        error="",
        created_at=at,
    )
