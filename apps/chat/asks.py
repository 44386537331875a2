"""From a frame to a request of the one pipeline: where the question goes, who pays, and whether it was asked before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from os import urandom

import orjson

from apps.chat import foresight, selectors
from apps.chat.attachments import prompt
from apps.chat.attachments import services as attachments
from apps.chat.attachments.values import Content
from apps.chat.frames import Ask, Check, Regenerate
from apps.chat.recorder import BUSY
from apps.core import clock
from apps.core.threads import in_db
from apps.domain.errors import PermissionRefused
from apps.domain.ids import ConversationId, MessageId, TeamId, TurnId, new_id, uuid7
from apps.domain.messages import PromptMessage, Role
from apps.domain.sentences import say
from apps.domain.turn import Channel, ChatRef, Principal, TurnRequest
from apps.identity import sessions
from apps.identity import values as identity
from apps.tenants import selectors as tenants
from apps.tenants.values import Person
from apps.turns import selectors as turn_selectors
from apps.turns import services as turns
from apps.turns.operations import Idempotency


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be launched."""

    request: TurnRequest
    idempotency: Idempotency


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """The same question, by the client's own id: its turn."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question belongs and whose budget pays."""

    chat: ChatRef
    team: TeamId | None
    files: tuple[PromptMessage, ...] = ()


def principal_of(user: identity.Principal) -> Principal:
    """The asker as turns know them: ids only, rights are read at use."""
    return Principal(
        tenant=user.tenant,
        user=user.person.id,
        key=user.key.id if user.key else None,
        session=user.session.key_hash if user.session else "",
    )


async def ask(user: identity.Principal, frame: Ask) -> Asked | AskedBefore:
    """What an `ask` starts.

    Raises:
        AnotherBody: the id belongs to another question.
        NotFound: the conversation or an attachment is missing or not this person's.
        PermissionRefused: the team is not one of theirs.
        TooLarge: the pictures are too large together.
        TurnRunning: the newest branch is being answered.
    """
    at = clock.now()
    parent = None if frame.follows else [frame.parent]
    files = [frame.attachments] if frame.attachments else []
    body = [frame.conversation, parent, frame.team, frame.model, frame.text, *files]
    same = _same(user, frame, "ask", body, at)
    person = await turns.person(principal_of(user))
    found = await in_db(_place_of, user, person, frame, same, at)
    if isinstance(found, AskedBefore):
        return found
    return _asked(user, found, (*found.files, PromptMessage(Role.USER, frame.text)), frame, same, at)


async def regenerate(user: identity.Principal, frame: Regenerate) -> Asked | AskedBefore:
    """What a `regenerate` starts: the same question once more. Raises `AnotherBody`, `NotFound`."""
    at = clock.now()
    same = _same(user, frame, "regenerate", [frame.message, frame.model], at)
    found = await in_db(_place_again, user, frame, same, at)
    if isinstance(found, AskedBefore):
        return found
    return _asked(user, found, (), frame, same, at)


async def check(user: identity.Principal, frame: Check) -> foresight.Foreseen:
    """What would happen to a text as it stands, and what would change that."""
    at = clock.now()
    person = await turns.person(principal_of(user))
    place = await in_db(_place_to_check, user, person, frame, at)
    request = TurnRequest(
        turn=TurnId(new_id()),
        principal=principal_of(user),
        team=place.team,
        channel=Channel.CHAT,
        messages=(*place.files, PromptMessage(Role.USER, frame.text)),
        received_at=at,
        model=frame.model,
        recorder="chat",
        chat=place.chat,
    )
    return await foresight.foresee(await turns.check(request), frame.text)


def _same(
    user: identity.Principal, frame: Ask | Regenerate, surface: str, body: Sequence[object], at: datetime
) -> Idempotency:
    """What makes a later frame with this id the same question."""
    content = orjson.dumps(list(body))
    return turns.idempotency(principal=principal_of(user), surface=surface, key=frame.client_id, body=content, now=at)


def _asked(
    user: identity.Principal,
    place: Place,
    messages: tuple[PromptMessage, ...],
    frame: Ask | Regenerate,
    same: Idempotency,
    at: datetime,
) -> Asked:
    request = TurnRequest(
        turn=TurnId(new_id()),
        principal=principal_of(user),
        team=place.team,
        channel=Channel.CHAT,
        messages=messages,
        received_at=at,
        model=frame.model,
        recorder="chat",
        chat=place.chat,
        client_id=frame.client_id,
    )
    return Asked(request, same)


def _before(user: identity.Principal, frame: Ask | Regenerate, same: Idempotency) -> AskedBefore | None:
    """The turn that this person asked under this id; also after a restart, and by another process."""
    turn = turn_selectors.by_client_id(user.tenant, user.person.id, frame.client_id)
    if turn is None:
        return None
    turns.check_same(tenant=user.tenant, turn=turn, asked=same)
    return AskedBefore(turn)


def _place_of(
    user: identity.Principal, person: Person, frame: Ask, same: Idempotency, at: datetime
) -> Place | AskedBefore:
    tenant = user.tenant
    sessions.touch(user, at=at)  # asking is being there: no REST call may come for hours
    before = _before(user, frame, same)
    if before is not None:
        return before
    question, answer = _ids(at)
    if frame.conversation is None:
        chat = ChatRef(ConversationId(new_id()), None, question, answer, is_new=True)
        return _with_files(user, Place(chat, _team(user, person, frame.team)), frame, at)
    branch = selectors.branch(tenant=tenant, user=person.id, conversation=frame.conversation)
    if frame.follows and branch.is_running:
        raise turns.TurnRunning(BUSY)
    parent = branch.leaf if frame.follows else frame.parent
    chat = ChatRef(frame.conversation, parent, question, answer, follows=frame.follows)
    return _with_files(user, Place(chat, branch.team), frame, at)


def _with_files(user: identity.Principal, place: Place, frame: Ask, at: datetime) -> Place:
    """The place with the files that the question takes."""
    files = attachments.ready(
        tenant=user.tenant, user=user.person.id, ids=frame.attachments, conversation=frame.conversation, at=at
    )
    return _holding(place, files)


def _looking_at_files(user: identity.Principal, place: Place, frame: Check) -> Place:
    """The place with the files that the question would take; nothing is written."""
    files = attachments.checked(
        tenant=user.tenant, user=user.person.id, ids=frame.attachments, conversation=frame.conversation
    )
    return _holding(place, files)


def _holding(place: Place, files: Sequence[Content]) -> Place:
    if not files:
        return place
    chat = replace(place.chat, attachments=tuple(file.record.id for file in files))
    return replace(place, chat=chat, files=prompt.as_messages(files))


def _place_again(user: identity.Principal, frame: Regenerate, same: Idempotency, at: datetime) -> Place | AskedBefore:
    before = _before(user, frame, same)
    if before is not None:
        return before
    known = selectors.answered(tenant=user.tenant, user=user.person.id, answer=frame.message)
    _, answer = _ids(at)
    return Place(ChatRef(known.conversation, known.question, None, answer), known.team)


def _place_to_check(user: identity.Principal, person: Person, frame: Check, at: datetime) -> Place:
    question, answer = _ids(at)
    if frame.conversation is None:
        chat = ChatRef(ConversationId(new_id()), None, question, answer, is_new=True)
        return _looking_at_files(user, Place(chat, _team(user, person, None)), frame)
    branch = selectors.branch(tenant=user.tenant, user=user.person.id, conversation=frame.conversation)
    chat = ChatRef(frame.conversation, branch.leaf, question, answer)
    if branch.is_running:  # what is typed meanwhile will follow the question that is being answered
        chat = ChatRef(frame.conversation, branch.question, None, answer)
    return _looking_at_files(user, Place(chat, branch.team), frame)


def _team(user: identity.Principal, person: Person, slug: str | None) -> TeamId | None:
    """The team that a new conversation belongs to; a team that is not theirs answers like one that does not exist."""
    if slug is None and user.key is not None and user.key.team is not None:
        return user.key.team
    if slug is None:
        return person.teams[0] if person.teams else None
    team = tenants.team_by_slug(user.tenant, slug)
    if team is None or team.id not in person.teams:
        raise PermissionRefused(say("not_your_team", "You are not a member of that team."))
    return team.id


def _ids(at: datetime) -> tuple[MessageId, MessageId]:
    """Ids of a question and its answer: messages are ordered by id, and the answer comes second."""
    now_ms = int(at.timestamp() * 1000)
    first, second = (uuid7(now_ms=now_ms + later, randomness=urandom(10)) for later in (0, 1))
    return MessageId(first), MessageId(second)
