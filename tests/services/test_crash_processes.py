"""A web process, the worker and beat die at once, in the middle of everything, and the clock of the machine is set.

Three web processes share the store: one of `make run`'s, which is killed and started again by its supervisor, and two
beside it, whose answers go on. What is proven for one dead process is in tests/functional (kill -9); here they race.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.functional.companies import LONG
from tests.support import crashes, databases
from tests.support.crashes import Reader, Supervised
from tests.support.journeys import Socket, within
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.stores import PostgresStore
from tests.support.upstream import Script, Upstream
from tests.support.world import Company, Model, configuration, prices

pytestmark = [pytest.mark.services, pytest.mark.server, pytest.mark.timeout(300)]

NAME = "openroute_crash_processes"
TIMEOUTS = {**LONG, "total_s": 120}
CROWDED = Company(
    "crowded",
    [Model("crowded-cloud", "4", 0.95, timeouts=TIMEOUTS), Model("crowded-titles", "0", 0.9, timeouts=TIMEOUTS)],
    {"titles": True},
    team_limit="1000.00",
)
SOCKETS, EACH = 8, 32
LIVING = 4
TITLED = 4
FINAL_S = 60.0
JOURNAL_S = 0.25
HOUR = "+3600"
DAY_BACK = "-86400"
A_TITLE = "Stories of the sea"


@dataclass
class Aftermath:
    """What there was to see from outside, before and after."""

    servers: list[RealServer]
    dead: list[Reader]
    living: list[Reader]
    titled: list[str]
    killed_at: float
    before: dict[str, int]
    consistent: list[bool] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def main(self) -> RealServer:
        return self.servers[0]

    @property
    def orphans(self) -> dict[str, Reader]:
        return {turn: reader for reader in self.dead for turn in reader.accepted}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(CROWDED)).in_thread() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[list[RealServer]]:
    """`make run` with one web process, and two web processes beside it. A file holds their clock."""
    urls, folder = databases.create(NAME), tmp_path_factory.mktemp("crash")
    store = PostgresStore(urls)
    config = configuration(CROWDED, outside=upstream.base_url, inside=upstream.base_url)
    clock = folder / "clock"
    clock.write_text("")
    redis = urlsplit(os.environ["REDIS_URL"])._replace(path="/1002").geturl()
    environment = {"OPENROUTE_CLOCK": f"@{clock}", "STATE_DIR": str(folder / "state"), "REDIS_URL": redis}
    main = Supervised(folder / "main", config=config, environment=environment, store=store)
    main.owner_url = urls["DATABASE_OWNER_URL"]
    others = [
        RealServer(folder / name, config=config, environment=environment, store=store) for name in ("second", "third")
    ]
    for server in (main, *others):
        server.folder.mkdir()
    main.apply(config)
    main.launch()
    try:
        for server in others:
            server.start()
        yield [main.wait_until_up(), *others]
    finally:
        for server in (*others, main):
            server.stop()
        databases.drop(NAME)


@pytest.fixture(scope="module")
def aftermath(servers: list[RealServer], upstream: Upstream) -> Aftermath:
    return asyncio.run(_catastrophe(servers, upstream))


async def _catastrophe(servers: list[RealServer], upstream: Upstream) -> Aftermath:
    main = servers[0]
    assert isinstance(main, Supervised)
    async with AsyncExitStack() as stack:
        titled = await _untitled(main, upstream)
        dead = [await _crowd(stack, main, EACH) for _ in range(SOCKETS)]
        living = [await _crowd(stack, server, LIVING) for server in servers[1:]]
        everybody = [*dead, *living]
        await within(30, lambda: all(len(r.shown) == (EACH if r in dead else LIVING) for r in everybody))
        await within(30, lambda: all(len(text.text) > 60 for r in everybody for text in r.shown.values()))
        before = main.pids()
        seen = Aftermath(servers, dead, living, titled, time.monotonic(), before)
        for name in ("web", "worker", "beat"):
            main.kill_program(name)
        upstream.script("crowded-titles", Script(text=A_TITLE))
        _set_clock(main, HOUR)
        await within(20, lambda: main.pids().keys() == before.keys())
        _set_clock(main, DAY_BACK)
        await _wait_until_settled(seen)
        await within(60, lambda: all(len(r.ended) == LIVING for r in living))
        await within(60, lambda: _titles(seen) == [A_TITLE] * TITLED)
    return seen


def _set_clock(server: RealServer, control: str) -> None:
    Path(server.environment["OPENROUTE_CLOCK"][1:]).write_text(control)


async def _untitled(main: RealServer, upstream: Upstream) -> list[str]:
    """Conversations whose titles a worker is about to get, when it dies; the model hesitates."""
    upstream.script("crowded-titles", Script(text="Never told", first_delay_s=300))
    upstream.script("crowded-cloud", Script(text="Once upon a time."))
    async with Socket(main, key=CROWDED.key()) as socket:
        asked = [await socket.answer(f"Tell me about the sea, part {number}.") for number in range(TITLED)]
    await within(20, lambda: len(upstream.calls("crowded-titles")) >= 1)
    upstream.script("crowded-cloud", Script(tokens=112, delay_s=0.3))
    return [accepted["conversation"] for accepted, _ in asked]


async def _crowd(stack: AsyncExitStack, server: RealServer, count: int) -> Reader:
    """Somebody who asks so many questions at once."""
    socket, reader = await stack.enter_async_context(Socket(server, key=CROWDED.key())), Reader()
    reading = asyncio.create_task(reader.read(socket))
    stack.callback(reading.cancel)
    await crashes.ask_many(socket, count)
    return reader


async def _wait_until_settled(seen: Aftermath) -> None:
    orphans = set(seen.orphans)

    def settled() -> bool:
        seen.consistent.append(crashes.is_consistent(seen.main))
        rows = seen.main.rows("select id from turns_turn where state = 'open' and channel = 'chat'")
        return orphans.isdisjoint(crashes.dashed(row["id"]) for row in rows)

    await within(BUSY * FINAL_S, settled)
    seen.took_s = time.monotonic() - seen.killed_at


def _titles(seen: Aftermath) -> list[str]:
    """Of the conversations that waited for one when the worker died. Those of the living get theirs as well."""
    rows = seen.main.rows("select id, title from chat_conversation where title_source = 'model'")
    return [row["title"] for row in rows if crashes.dashed(row["id"]) in seen.titled]


class TestEverythingThatWasKilledAtOnce:
    """One class, because one worker of a test run shall see it all."""

    def test_leaves_256_open_turns_that_are_each_closed_once(self, aftermath: Aftermath) -> None:
        orphans = set(aftermath.orphans)
        found = crashes.counts(aftermath.main)
        states = Counter(found[turn].state for turn in orphans)
        swept = Counter(
            row["subject"]
            for row in aftermath.main.rows("select subject from audit_auditevent where kind = 'turn.swept'")
        )
        print(f"{len(orphans)} open turns: all final {aftermath.took_s:.1f} s after the kill, {dict(states)}")

        assert len(orphans) == SOCKETS * EACH == 256
        assert crashes.not_settled_once(aftermath.main, orphans) == {}
        assert {turn: swept[turn] for turn in orphans} == dict.fromkeys(orphans, 1)
        assert aftermath.took_s < BUSY * FINAL_S

    def test_is_never_seen_half_settled(self, aftermath: Aftermath) -> None:
        print(f"{len(aftermath.consistent)} looks")
        assert all(aftermath.consistent)

    def test_takes_a_quarter_of_a_second_of_text_with_it_at_most(self, aftermath: Aftermath) -> None:
        rows = aftermath.main.rows("select turn_id, text, state, error from chat_message where role = 'assistant'")
        kept = {crashes.dashed(row["turn_id"]): row for row in rows}
        lost, missing = 0, {}
        for turn, reader in aftermath.orphans.items():
            text, row = reader.shown[turn].text, kept[turn]
            assert (row["state"], row["error"]) == ("partial", "interrupted")
            assert row["text"] == text[: len(row["text"])] or row["text"].startswith(text)
            lost += max(0, len(text) - len(row["text"]))
            due = reader.length_at(turn, aftermath.killed_at - BUSY * JOURNAL_S)
            if len(row["text"]) < due:
                missing[turn] = due - len(row["text"])
        print(f"{lost} code points of the last {JOURNAL_S} s lost over {len(kept)} answers")

        assert missing == {}

    def test_leaves_books_and_chain_in_order(self, aftermath: Aftermath, tmp_path: Path) -> None:
        entries = crashes.verify_chain(aftermath.main, CROWDED.slug, tmp_path / "export")
        spent = crashes.check_books(aftermath.main)
        (charged,) = aftermath.main.rows("select sum(cost) as n from turns_turn where state != 'refused'")
        print(f"{entries} entries, {spent} micro-dollars")

        assert spent == int(charged["n"])
        swept = aftermath.main.rows("select cost, reserved, estimated from turns_turn where code = 'interrupted'")
        assert all((row["cost"], bool(row["estimated"])) == (row["reserved"], True) for row in swept)

    def test_ends_no_turn_of_a_living_process_though_the_clock_was_set(self, aftermath: Aftermath) -> None:
        """Forward by an hour when the others were killed, and back by a day a moment later."""
        for reader in aftermath.living:
            assert not reader.errors
            assert [frame["type"] for frame in reader.ended.values()] == ["completed"] * LIVING
            assert crashes.not_settled_once(aftermath.main, reader.accepted) == {}

    def test_leaves_the_times_of_a_clock_that_was_set_in_the_trail(self, aftermath: Aftermath) -> None:
        """The order of the trail is that of its numbers; times are what the clock said."""
        rows = aftermath.main.rows("select at from audit_auditevent where tenant_id != 0 order by tenant_id, seq")
        times = [row["at"] for row in rows]

        assert times != sorted(times)

    def test_is_started_again_web_worker_and_beat(self, aftermath: Aftermath) -> None:
        main = aftermath.main
        assert isinstance(main, Supervised)
        now = main.pids()

        assert now.keys() == aftermath.before.keys() == {"web", "worker", "beat"}
        assert not set(now.values()) & set(aftermath.before.values())
        for name in now:
            assert main.log.count(f"{name} was killed by SIGKILL.") == 1

    def test_lets_jobs_take_effect_once(self, aftermath: Aftermath, upstream: Upstream) -> None:
        titled = Counter(
            row["subject"]
            for row in aftermath.main.rows("select subject from audit_auditevent where kind = 'conversation.titled'")
        )
        jobs = aftermath.main.rows("select subject, state, tries from core_job where kind = 'chat.title'")
        print(f"{len(upstream.calls('crowded-titles'))} calls for {TITLED} titles; tries {[j['tries'] for j in jobs]}")

        assert {name: titled[name] for name in aftermath.titled} == dict.fromkeys(aftermath.titled, 1)
        ours = [job for job in jobs if job["subject"] in aftermath.titled]
        assert [job["state"] for job in ours] == ["done"] * TITLED
        assert max(job["tries"] for job in ours) > 1
