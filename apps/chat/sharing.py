"""Sharing a conversation with a colleague or a team: they may read it and nothing else, until it is taken back.

A share grows with the conversation and carries its labels: readers see what is private, and what they copy from there
into a question of their own is inspected like any other text. Inside the company a private conversation may be shared;
no share reaches beyond it. Only the owner shares. His leaving a team or the company's service takes nothing back that
was shared before: he sees and ends each share, and erasing him ends them all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.audit import services as audit
from apps.chat import hub, readers, services
from apps.chat.events import Unshared
from apps.chat.models import Conversation, Share
from apps.chat.values import document_path
from apps.core import db
from apps.core.tenancy import use_tenant
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import ConversationId, TeamId, TenantId, UserId
from apps.mirror import services as mirror
from apps.tenants import selectors as tenants
from apps.tenants.values import Person, TeamRecord

MAX_SHARES: Final = 50
"""Of one conversation."""
MAX_FOUND: Final = 20
MIN_SEARCH: Final = 2
"""Characters from which on colleagues are looked up: nobody pages through the names of a company."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a request to share led to; `is_new` False: it was so already."""

    share: UUID
    is_new: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Colleagues and teams that a conversation can be shared with."""

    people: tuple[Person, ...]
    teams: tuple[TeamRecord, ...]


def of(conversation: ConversationId) -> QuerySet[Share]:
    """The shares of a conversation with their people and teams, oldest first. The caller has checked whose it is."""
    rows = Share.objects.filter(conversation_id=conversation).select_related("user", "team")
    return rows.order_by("created_at", "id")


def share_with_person(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, reader: UserId, actor: str, at: datetime
) -> Shared:
    """Let a colleague read one's own conversation.

    Raises:
        NotFound: the conversation is missing or not this person's own.
        InvalidRequest: there is nobody active of this id in the company, it is oneself, or `MAX_SHARES` are there.
    """
    with db.atomic():
        row = services.locked(tenant, user, conversation)
        if reader == user:
            raise InvalidRequest("This conversation is your own.", fields={"user": "is its owner"})
        if not _is_colleague(tenant, reader):
            raise InvalidRequest("There is no such colleague.", fields={"user": "is nobody of this company"})
        return _share(row, Share(user_id=reader), actor, at)


def share_with_team(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, team: TeamId, actor: str, at: datetime
) -> Shared:
    """Let the members of one of one's own teams read one's own conversation: those of now and those to come.

    Raises:
        NotFound: the conversation is missing or not this person's own.
        InvalidRequest: it is no active team of this person, or `MAX_SHARES` are there.
    """
    with db.atomic():
        row = services.locked(tenant, user, conversation)
        if team not in tenants.teams_of(tenant, user):
            raise InvalidRequest("You are not a member of such a team.", fields={"team": "is none of your teams"})
        return _share(row, Share(team_id=team), actor, at)


def unshare(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, share: UUID, actor: str, at: datetime
) -> None:
    """Take a share back. Whoever reads by it and by nothing else stops within a second or two, in mid-answer too.

    Raises:
        NotFound: the conversation is not this person's own, or has no such share.
    """
    with db.atomic():
        row = services.locked(tenant, user, conversation)
        found = Share.objects.for_tenant(tenant).filter(pk=share, conversation=row).first()
        if found is None:
            raise NotFound("There is no such share.")
        before = _readers(row)
        found.delete()
        lost = before - _readers(row)
        _record("conversation.unshared", row, found, actor, at)
        services.save(row, {}, at)
        event = Unshared(tenant, conversation, tuple(sorted(lost)))
        transaction.on_commit(lambda: hub.announce(event))


def candidates(*, tenant: TenantId, user: UserId, text: str) -> Found:
    """Whom this person may pick: their own teams, and active members of these teams; at most `MAX_FOUND` in all.

    `text` is looked for in names and e-mails; with fewer than `MIN_SEARCH` characters no people are found.
    """
    wanted = text.strip()
    mine = frozenset(tenants.teams_of(tenant, user))
    known = [team for team in tenants.teams(tenant) if team.id in mine]
    teams = [team for team in known if wanted.lower() in team.name.lower() or wanted.lower() in team.slug][:MAX_FOUND]
    room = MAX_FOUND - len(teams)
    if len(wanted) < MIN_SEARCH or not mine:
        return Found((), tuple(teams))
    page = tenants.people_page(tenant, offset=0, limit=MAX_FOUND * 2, search=wanted, teams=mine)
    people = [person for person in page.people if person.active and person.id != user]
    return Found(tuple(people[:room]), tuple(teams))


def forget_reader(*, tenant: TenantId, user: UserId, at: datetime) -> int:
    """Remove what was shared with a person who is erased; returns how many. Inside the caller's transaction."""
    rows = Share.objects.for_tenant(tenant).filter(user_id=user)
    owned = Conversation.objects.for_tenant(tenant).filter(pk__in=rows.values("conversation_id"))
    for row in owned.order_by("id").select_for_update():
        row.version, row.updated_at = row.version + 1, at
        row.save(update_fields=["version", "updated_at"])
        mirror.mark(tenant=tenant, path=document_path(row.pk), version=row.version, at=at)
    return rows.delete()[0]


def via(*, tenant: TenantId, user: UserId, conversations: Collection[ConversationId]) -> dict[ConversationId, str]:
    """How this person comes to read these: by name (`user`), else as a member of a team (`team`). Two queries."""
    shares = readers.shared_with(tenant=tenant, user=user).filter(conversation_id__in=conversations)
    found: dict[ConversationId, str] = {}
    for conversation, person in shares.order_by("id").values_list("conversation_id", "user_id"):
        if person is not None:
            found[ConversationId(conversation)] = "user"
        else:
            found.setdefault(ConversationId(conversation), "team")
    return found


def _is_colleague(tenant: TenantId, user: UserId) -> bool:
    try:
        return tenants.person(tenant, user).active
    except NotFound:
        return False


def _share(row: Conversation, wanted: Share, actor: str, at: datetime) -> Shared:
    there = Share.objects.for_tenant(TenantId(row.tenant_id)).filter(conversation=row)
    same = there.filter(_reader(wanted)).first()
    if same is not None:
        return Shared(same.pk, is_new=False)
    if there.count() >= MAX_SHARES:
        raise InvalidRequest(f"A conversation is shared with at most {MAX_SHARES} people and teams.")
    wanted.tenant_id, wanted.conversation, wanted.created_at = row.tenant_id, row, at
    wanted.save(force_insert=True)
    _record("conversation.shared", row, wanted, actor, at)
    services.save(row, {}, at)
    return Shared(wanted.pk, is_new=True)


def _reader(share: Share) -> Q:
    return Q(team=share.team_id) if share.user_id is None else Q(user=share.user_id)


def _record(kind: str, row: Conversation, share: Share, actor: str, at: datetime) -> None:
    body = {"team": share.team_id} if share.user_id is None else {"user": share.user_id}
    audit.append(tenant=TenantId(row.tenant_id), kind=kind, actor=actor, subject=str(row.pk), body=body, at=at)


def _readers(row: Conversation) -> frozenset[UserId]:
    conversation = ConversationId(row.pk)
    with use_tenant(TenantId(row.tenant_id)):
        found = readers.of([conversation]).get(conversation, readers.NOBODY)
    return found.everybody - {UserId(row.owner_id)}
