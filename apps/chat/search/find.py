"""Finds conversations by what was said in them or what they are called: newest first, of those that a person may read.

Rare words and common ones need opposite ways. Where few entries match, they are read first and their conversations
sorted. Where many do, the conversations are walked from the newest until a page is full.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from apps.chat import selectors
from apps.chat.models import Conversation, Message, SearchEntry
from apps.chat.search import engines
from apps.chat.search.query import Query, Snippet, matches, parse, snippet
from apps.domain.ids import MessageId, TenantId, UserId

PAGE: Final = 20
MATCHES: Final = 3
FEW: Final = 1_000
"""Matching entries up to which they are read first."""
AT_ONCE: Final = 50


class Position(NamedTuple):
    """The last conversation of a page; the next page begins below it."""

    active_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Match:
    """Where in a conversation: in a message, or (None) in its title."""

    message: MessageId | None
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation with at most `MATCHES` places: the title first, then the newest messages."""

    conversation: Conversation
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE` conversations; `following` is None on the last page."""

    found: tuple[Found, ...]
    following: Position | None = None


_Hits = Mapping[UUID, Sequence[MessageId | None]]


def search(*, tenant: TenantId, user: UserId, text: str, after: Position | None = None) -> Page:
    """One page of what this person may read and what contains all that was typed (see `query.parse`)."""
    query = parse(text)
    if not query:
        return Page(())
    hits = _hits(query, tenant)
    if hits is None:
        rows = _walked(query, tenant, user, after)
        shown = rows[:PAGE]
        hits = {row.pk: list(islice(_matching(query, tenant, row), MATCHES)) for row in shown}
    else:
        readable = selectors.conversations(tenant=tenant, user=user).filter(_below(after), pk__in=hits)
        rows = list(readable.order_by("-active_at", "-id")[: PAGE + 1])
        shown = rows[:PAGE]
    last = shown[-1] if len(rows) > PAGE else None
    return Page(tuple(_found(query, tenant, shown, hits)), None if last is None else Position(last.active_at, last.pk))


def _hits(query: Query, tenant: TenantId) -> _Hits | None:
    """The matching messages by conversation, newest first; None where there are more than `FEW`."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, parameters = engines.engine(connection).first(query, tenant, FEW + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        entries = cursor.fetchall()
    if len(entries) > FEW:
        return None
    found: dict[UUID, list[MessageId | None]] = defaultdict(list)
    for _, conversation, message in sorted(entries, key=lambda entry: -entry[0]):
        found[_uuid(conversation)].append(None if message is None else MessageId(_uuid(message)))
    return found


def _below(after: Position | None) -> Q:
    if after is None:
        return Q()
    return Q(active_at__lte=after.active_at) & (Q(active_at__lt=after.active_at) | Q(pk__lt=after.id))


def _walked(query: Query, tenant: TenantId, user: UserId, after: Position | None) -> list[Conversation]:
    """The newest conversations that match, one more than a page shows.

    A person's list, their archive and what is shared with them are walked apart and merged: no index holds all three in
    one order.
    """
    sql, parameters = engines.engine(connections[DEFAULT_DB_ALIAS]).holds(query)
    own, shared = (kind(tenant=tenant, user=user) for kind in (selectors.own, selectors.shared))
    # `archived` as a list of one: see ConversationListView.
    ways = (own.filter(archived__in=[False]), own.filter(archived__in=[True]), shared)
    holds = RawSQL(sql, parameters, output_field=BooleanField())  # noqa: S611 - what was typed is a parameter
    found = [
        list(way.filter(_below(after), holds).order_by("-active_at", "-id")[: PAGE + 1]) for way in ways if way.exists()
    ]
    newest = merge(*found, key=lambda row: (row.active_at, row.pk), reverse=True)
    return list(islice(newest, PAGE + 1))


def _matching(query: Query, tenant: TenantId, row: Conversation) -> Iterator[MessageId | None]:
    """The matching messages of a conversation, newest first, as far as they are asked for."""
    if any(matches(query, words) for words in _words(tenant, row, message=None)):
        yield None
    entries = SearchEntry.objects.for_tenant(tenant).filter(conversation=row).exclude(message=None).order_by("-id")
    start = 0
    while some := list(entries.values_list("message_id", "words")[start : start + AT_ONCE]):
        yield from (MessageId(message) for message, words in some if message and matches(query, words))
        start += AT_ONCE


def _words(tenant: TenantId, row: Conversation, *, message: UUID | None) -> Iterable[str]:
    entries = SearchEntry.objects.for_tenant(tenant).filter(conversation=row, message=message)
    return entries.order_by("id").values_list("words", flat=True)


def _found(query: Query, tenant: TenantId, rows: Sequence[Conversation], hits: _Hits) -> Iterator[Found]:
    chosen = {row.pk: _chosen(hits[row.pk]) for row in rows}
    wanted = [message for messages in chosen.values() for message in messages if message is not None]
    texts: dict[Any, str] = dict(
        Message.objects.for_tenant(tenant).filter(pk__in=wanted).order_by("pk").values_list("pk", "text")
    )
    for row in rows:
        places = [(one, row.title if one is None else texts.get(one)) for one in chosen[row.pk]]
        found = [Match(one, snippet(query, text)) for one, text in places if text is not None]
        yield Found(row, tuple(found))


def _chosen(found: Sequence[MessageId | None]) -> list[MessageId | None]:
    """Each message once, although a long one has several entries; the title first."""
    each = dict.fromkeys(found)
    return sorted(each, key=lambda message: message is not None)[:MATCHES]


def _uuid(value: Any) -> UUID:
    """SQLite keeps ids as text."""
    return value if isinstance(value, UUID) else UUID(value)
