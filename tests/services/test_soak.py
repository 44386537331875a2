"""Half a minute (SOAK=1: five) of everything at once, drawn from one seed (SOAK_SEED=...), and then the reckoning."""

import asyncio
import logging
import os
import time
from pathlib import Path
from random import Random

import pytest

from tests.support.journeys import within
from tests.support.soak import misfortune, reckoning
from tests.support.soak.diary import Diary
from tests.support.soak.people import Person
from tests.support.soak.programs import Program
from tests.support.soak.questions import BANK, CODE_WORD, COMPANIES
from tests.support.soak.stand import Stand, running

pytestmark = [pytest.mark.services, pytest.mark.server, pytest.mark.timeout(600)]

SECONDS = 300.0 if os.environ.get("SOAK") else 30.0
SEED = int(os.environ.get("SOAK_SEED") or time.time_ns() % 1_000_000_000)
FINAL_S = 60.0


async def _soak(stand: Stand, diary: Diary, draw: Random) -> None:
    """Everybody acts for `SECONDS`; who still reads then is told the end of it within the promised time."""
    until = time.monotonic() + SECONDS
    async with asyncio.TaskGroup() as group:
        for company in COMPANIES:
            for who in company.people:
                name = f"{who}@{company.slug}"
                person = Person(stand.server, name, company.key(who), Random(draw.random()), diary)
                group.create_task(person.live(until, until + FINAL_S))
            program = Program(stand.server, f"api@{company.slug}", company.key("adam"), Random(draw.random()), diary)
            group.create_task(program.live(until))
        group.create_task(misfortune.befall(stand, Random(draw.random()), diary, SECONDS))


class TestASoak:
    async def test_keeps_every_promise(self, tmp_path: Path) -> None:
        draw = Random(SEED)
        print(f"SOAK_SEED={SEED}, {SECONDS:.0f} s")
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with running(tmp_path / "server", Random(draw.random())) as stand:
            diary = Diary()
            try:
                await _soak(stand, diary, draw)
                took_s = await within(FINAL_S, lambda: reckoning.is_quiet(stand))
                found = self._reckon(stand, diary, tmp_path)
            except BaseException:
                print(diary.told())
                raise
        print(f"{dict(diary.counts)}; nothing open after {took_s:.1f} s")
        if found:
            print(diary.told("\n".join(found)), *found, sep="\n")

        assert found == []
        assert len(diary.chats) > SECONDS
        assert diary.answered

    def _reckon(self, stand: Stand, diary: Diary, folder: Path) -> list[str]:
        bills = reckoning.write_bills(stand.outside, folder / "bills.jsonl")
        found = [*diary.wrongs, *reckoning.unkept(stand, diary)]
        found += [f"question {name} is more than one turn" for name in reckoning.asked_twice(stand)]
        found += [f"{word} reached the commercial stub" for word in (CODE_WORD, BANK) if stand.outside.saw(word)]
        if not stand.inside.saw(CODE_WORD):
            found.append("no private question was answered inside: this soak proves nothing")
        verified = stand.server.manage("verify_stores", "--bills", str(bills), check=False)
        if "checks passed" not in verified:
            found.append(f"verify_stores does not pass:\n{verified}")
        return found
