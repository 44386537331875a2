"""The load behind `bench_search`: needs a configured Django and an empty database."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.db import connection
from django.test import Client

from apps.chat import selectors
from apps.chat.models import Conversation, Message
from apps.chat.search import index
from apps.core import bulk, clock, db
from apps.core.writes import WriteSet
from apps.domain.ids import TenantId, UserId, uuid7
from apps.tenants.models import User
from tests.benchmarks.tables import Cell, table
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import MembershipFactory, UserFactory

MESSAGES = 4
AT_ONCE = 500
TRIES = 25
MUST_MS = 500
KEY = f"or-{'b' * 40}"
CONVERSATIONS = "/api/v1/conversations/"
COLUMNS = ("request", "found", "p50 ms", "p95 ms", "must")


def measure(conversations: int, *, plans: bool) -> None:
    """Fill the database and print one table of answers' times."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    person: User = UserFactory()
    MembershipFactory(user=person)
    ApiKeyFactory(user=person, value=KEY, scopes=["conversations"])
    began = time.perf_counter()
    for numbers in _chunks(conversations):
        _fill(person, numbers)
    messages = conversations * MESSAGES
    print(f"\n{connection.vendor}: {messages:,} messages in {time.perf_counter() - began:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does
    if plans:
        _explain(person)
    title = f"{connection.vendor}: {conversations:,} conversations, {messages:,} messages of one person"
    table(title, COLUMNS, _rows(conversations))
    erased = _timed(index.forget)
    print(f"\nremoving the words of erased texts from the index's files: {erased:.0f} ms")


def _chunks(conversations: int) -> Iterator[range]:
    for start in range(0, conversations, AT_ONCE):
        yield range(start, min(start + AT_ONCE, conversations))


class _Texts:
    """Texts of about forty words of a language in which some words are common and most are rare."""

    def __init__(self) -> None:
        chance = random.Random(1)
        syllables = [first + second for first in "bdfgklmnprst" for second in "aeiou"]
        words = ["".join(chance.choices(syllables, k=3)) for _ in range(20_000)]
        weights = [1 / (rank + 1) for rank in range(len(words))]
        self.common, self.rare, self.seldom = words[0], words[9_000], words[400]
        self._texts = [" ".join(chance.choices(words, weights, k=40)) for _ in range(5_000)]

    def of(self, number: int) -> str:
        return f"{self._texts[number * 7_919 % len(self._texts)]} nr{number}x"


_texts = _Texts()


def _fill(person: User, numbers: range) -> None:
    tenant = TenantId(person.tenant_id)
    writes, newest = WriteSet(), clock.now()
    for number in numbers:
        at = newest - timedelta(minutes=numbers.stop - number)
        conversation = _id(number * 10, at)
        common = {"tenant_id": tenant, "created_at": at}
        parent = None
        for place in range(MESSAGES):
            message = _id(number * 10 + place + 1, at)
            role = Message.Role.ASSISTANT if place % 2 else Message.Role.USER
            text = _texts.of(number * MESSAGES + place)
            writes.insert(
                Message, id=message, conversation_id=conversation, parent_id=parent, role=role, text=text, **common
            )
            parent = message
        writes.insert(
            Conversation, id=conversation, owner_id=person.pk, title=f"Title {number}", leaf_id=parent, active_at=at,
            updated_at=at, archived=number % 10 == 0, **common,
        )  # fmt: skip
    index.plan_new(writes)
    with db.atomic(), connection.cursor() as cursor:
        bulk.write(cursor, connection, writes)


def _id(number: int, at: datetime) -> Any:
    return uuid7(now_ms=int(at.timestamp() * 1000), randomness=number.to_bytes(10, "big"))


def _rows(conversations: int) -> Iterator[list[Cell]]:
    client = Client(headers={"Authorization": f"Bearer {KEY}"})
    some = conversations * MESSAGES // 3
    requests = {
        "list": CONVERSATIONS,
        "list, archive": f"{CONVERSATIONS}?archived=true",
        "a word of one message": _search(f"nr{some}x"),
        "a word of nowhere": _search("nowhereatall"),
        "a rare word": _search(_texts.rare),
        "a word of 1 in 20 messages": _search(_texts.seldom),
        "the most common word": _search(_texts.common),
        "a beginning of two letters": _search(_texts.common[:2]),
        "a beginning of four letters": _search(_texts.rare[:4]),
        "two words": _search(f"{_texts.common} {_texts.seldom}"),
        "a common and a rare word": _search(f"{_texts.common} {_texts.rare}"),
        "a phrase": _search(f'"{" ".join(_texts.of(some).split()[3:6])}"'),
    }
    for name, address in requests.items():
        found: Any = client.get(address)
        assert found.status_code == 200, found.content
        times = sorted(_timed(lambda address=address: client.get(address)) for _ in range(TRIES))  # type: ignore[misc]
        p95 = times[int(0.95 * TRIES)]
        yield [name, len(found.json()["results"]), statistics.median(times), p95, MUST_MS]


def _search(typed: str) -> str:
    return f"{CONVERSATIONS}search/?q={quote(typed)}"


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _explain(person: User) -> None:
    rows = selectors.own(tenant=TenantId(person.tenant_id), user=UserId(person.pk))
    for archived in (False, True):
        print(rows.filter(archived__in=[archived]).order_by("-active_at", "-id")[:50].explain())
