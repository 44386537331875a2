"""Who may read a conversation besides its owner: people and members of teams that it is shared with. The one place.

A share with a team counts for its members of this moment, while the team is active; nobody's right is copied anywhere.
So leaving a team, its suspension, and removing the share end reading at the next look, which is never far: REST looks
at each request, a stream at least once a second (`following`), the hub once a second for all its sockets.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from apps.chat.models import Conversation, Share
from apps.core.tenancy import TenantQuerySet
from apps.domain.ids import ConversationId, TeamId, TenantId, UserId
from apps.tenants import selectors as tenants


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads one conversation by a share: `people` by name, `teams`, and `everybody` who that is in the end."""

    people: frozenset[UserId] = frozenset()
    teams: frozenset[TeamId] = frozenset()
    everybody: frozenset[UserId] = frozenset()


NOBODY = Readers()


def shared_with(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Share]:
    """The shares by which this person reads, unordered. One query at once, for their teams."""
    teams = tenants.teams_of(tenant, user)
    return Share.objects.for_tenant(tenant).filter(Q(user_id=user) | Q(team_id__in=teams))


def may_read(*, tenant: TenantId, user: UserId, conversation: ConversationId) -> bool:
    """Whether the conversation is there and is this person's own or shared with them."""
    known = Conversation.objects.for_tenant(tenant).filter(pk=conversation, deleted_at=None)
    owner = known.values_list("owner_id", flat=True).first()
    if owner is None:
        return False
    return owner == user or shared_with(tenant=tenant, user=user).filter(conversation_id=conversation).exists()


def of(conversations: Collection[ConversationId]) -> dict[ConversationId, Readers]:
    """The readers of those of these conversations that are shared, deleted ones too. At most two queries.

    The scope of tenants is the caller's. People who were deactivated are no readers.
    """
    shares = Share.objects.filter(conversation_id__in=conversations).exclude(user__is_active=False)
    rows = list(shares.values_list("conversation_id", "user_id", "team_id"))
    teams = {TeamId(team) for _, _, team in rows if team is not None}
    members = tenants.members(teams) if teams else {}
    people: dict[ConversationId, set[UserId]] = {ConversationId(key): set() for key, _, _ in rows}
    groups: dict[ConversationId, set[TeamId]] = {key: set() for key in people}
    for conversation, user, team in rows:
        if user is not None:
            people[ConversationId(conversation)].add(UserId(user))
        if team is not None:
            groups[ConversationId(conversation)].add(TeamId(team))
    return {key: _readers(people[key], groups[key], members) for key in people}


def shared_among(conversations: Collection[ConversationId]) -> frozenset[ConversationId]:
    """Which of these conversations are shared with anybody. One query, none for an empty list."""
    if not conversations:
        return frozenset()
    rows = Share.objects.filter(conversation_id__in=conversations).order_by("conversation_id")
    return frozenset(ConversationId(key) for key in rows.values_list("conversation_id", flat=True).distinct())


def _readers(people: set[UserId], teams: set[TeamId], members: dict[TeamId, frozenset[UserId]]) -> Readers:
    everybody = people.union(*(members.get(team, ()) for team in teams))
    return Readers(frozenset(people), frozenset(teams), frozenset(everybody))
