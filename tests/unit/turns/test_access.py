"""A flood of unknown keys leaves the database's threads to those who have one that counts."""

import asyncio
from typing import Any

import pytest

from apps.turns import access, runtime
from apps.turns.runtime import REFUSALS_AT_ONCE


class TestARefusedKey:
    async def test_is_looked_up_beside_a_few_others_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        at_once, most = 0, 0

        async def look_up(*_: Any, **__: Any) -> None:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1

        monkeypatch.setattr(access, "in_db", look_up)
        monkeypatch.setattr(runtime, "_runtime", runtime.build(inline=True))
        await asyncio.gather(*(access._record_refusal(f"or-unknown-{n}") for n in range(50)))

        assert most == REFUSALS_AT_ONCE
