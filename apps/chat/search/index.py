"""What is findable: an entry for each title and each message that has words, in the transaction that stores the text.

A text of more than `PIECE` words is several entries: PostgreSQL keeps no places beyond 16,383 and 1 MB of words in one.
Words that are far apart in such a text are then not found together.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from apps.chat.models import Conversation, Message, SearchEntry
from apps.chat.search import engines, folding
from apps.core import db
from apps.core.tenancy import all_tenants
from apps.core.threads import in_cpu
from apps.core.writes import Row, WriteSet
from apps.domain.ids import TenantId

PIECE: Final = 8_000
PIECE_CHARACTERS: Final = 120_000
SHORT: Final = 1_000
"""Code points up to which some hundred texts may be remembered: more of longer ones would be megabytes."""
LONG: Final = 10_000
"""Code points from which on folding takes more than a millisecond."""
BATCH: Final = 500


def pieces(text: str) -> tuple[str, ...]:
    """The words of a text as they are stored, one string for each entry; none for a text without words.

    The last texts are remembered, the more the shorter they are: a batch is planned while rows are locked, and its
    texts were folded before that (`ahead`).
    """
    if len(text) <= SHORT:
        return _short(text)
    return _middling(text) if len(text) <= LONG else _long(text)


def ahead(texts: Iterable[str]) -> None:
    """Fold the texts of a batch before rows are locked for it; `pieces` remembers."""
    for text in texts:
        pieces(text)


async def ahead_of_long(texts: Iterable[str]) -> None:
    """As `ahead`, off the event loop, for what would hold it up: a question of a megabyte takes 0.1 s."""
    if long := [text for text in texts if len(text) > LONG]:
        await in_cpu(ahead, long)


@lru_cache(maxsize=256)
def _short(text: str) -> tuple[str, ...]:
    return tuple(_cut(folding.words(text)))


@lru_cache(maxsize=32)
def _middling(text: str) -> tuple[str, ...]:
    return tuple(_cut(folding.words(text)))


@lru_cache(maxsize=4)
def _long(text: str) -> tuple[str, ...]:
    return tuple(_cut(folding.words(text)))


def _cut(words: Sequence[str]) -> Iterator[str]:
    if len(words) <= PIECE and sum(map(len, words)) <= PIECE_CHARACTERS:
        if words:
            yield " ".join(words)
        return
    middle = len(words) // 2
    yield from _cut(words[:middle])
    yield from _cut(words[middle:])


def entries(*, tenant: TenantId, conversation: UUID, message: UUID | None, text: str) -> list[dict[str, Any]]:
    """The rows that make a message, or with `message` None a title, findable."""
    common = {"tenant_id": tenant, "conversation_id": conversation, "message_id": message}
    return [{**common, "piece": number, "words": words} for number, words in enumerate(pieces(text))]


def plan_new(writes: WriteSet) -> None:
    """Make the new titles and messages of one operation of the writer findable, in the same batch."""
    for row in writes.inserts.get(Conversation, ()):
        _plan(writes, row["tenant_id"], conversation=row["id"], message=None, text=row["title"])
    for row in writes.inserts.get(Message, ()):
        _plan(
            writes, row["tenant_id"], conversation=row["conversation_id"], message=row["id"], text=row.get("text", "")
        )


def plan_answer(writes: WriteSet, tenant: TenantId, answer: Row, text: str) -> None:
    """Make the text that an answer ended with findable, in the batch that stores it."""
    _plan(writes, tenant, conversation=answer["conversation_id"], message=answer["id"], text=text)


def _plan(writes: WriteSet, tenant: TenantId, *, conversation: UUID, message: UUID | None, text: str) -> None:
    for entry in entries(tenant=tenant, conversation=conversation, message=message, text=text):
        writes.insert(SearchEntry, **entry)


def add(messages: Iterable[Message]) -> None:
    """Make messages findable that were stored by the ORM, as a copy of a conversation is. In their transaction."""
    _store(entry for message in messages for entry in _of_message(message))


def retitle(conversation: Conversation) -> None:
    """Make a conversation findable by the title that it has now, and no longer by an older one."""
    tenant = TenantId(conversation.tenant_id)
    with db.atomic():
        SearchEntry.objects.for_tenant(tenant).filter(conversation=conversation, message=None).delete()
        _store(_of_title(conversation))


def forget() -> None:
    """Remove the words of entries that are gone from the index's own files as well.

    Takes seconds on a large index of SQLite, in many short transactions.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    engine, is_first, is_left = engines.engine(connection), True, True
    while is_left:
        with db.atomic():
            is_left = engine.forget(connection, is_first=is_first)
        is_first = False


def rebuild() -> int:
    """Make every entry anew, of all companies, a batch at a time; returns how many there are.

    For a version that folds differently. While it runs, some texts are not found; nothing else is affected.
    """
    with all_tenants():
        while old := list(SearchEntry.objects.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with db.atomic():
                SearchEntry.objects.filter(pk__in=old).delete()
        count = 0
        for conversations in _batches(Conversation.objects.order_by("pk")):
            count += _store(entry for conversation in conversations for entry in _of_title(conversation))
        for messages in _batches(Message.objects.order_by("pk")):
            count += _store(entry for message in messages for entry in _of_message(message))
    return count


def _batches(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    found = list(rows[:BATCH])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1].pk)[:BATCH])


def _store(found: Iterable[dict[str, Any]]) -> int:
    rows = [SearchEntry(**entry) for entry in found]
    with all_tenants(), db.atomic():  # each row names its own
        SearchEntry.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _of_title(row: Conversation) -> list[dict[str, Any]]:
    return entries(tenant=TenantId(row.tenant_id), conversation=row.pk, message=None, text=row.title)


def _of_message(row: Message) -> list[dict[str, Any]]:
    return entries(tenant=TenantId(row.tenant_id), conversation=row.conversation_id, message=row.pk, text=row.text)
