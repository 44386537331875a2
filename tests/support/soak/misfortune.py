"""What befalls an installation: programs are killed, services restarted, each at a moment drawn from the seed."""

import asyncio
from random import Random

from tests.support.soak.diary import Diary
from tests.support.soak.stand import Stand

KILLS_A_MINUTE = 5
CALM = 0.1
"""The part of the time at each end in which nothing happens."""


def plan(draw: Random, seconds: float) -> list[tuple[float, str]]:
    """Moments, in seconds from the begin, and what happens then."""
    kills = max(2, round(KILLS_A_MINUTE * seconds / 60))
    acts = ["web"] * kills + ["worker"] * max(1, kills // 4) + ["postgres", "redis"]
    return sorted((draw.uniform(CALM, 1 - CALM) * seconds, act) for act in acts)


async def befall(stand: Stand, draw: Random, diary: Diary, seconds: float) -> None:
    """Run the plan. Services are restarted on this thread, whose end would be theirs: meanwhile nobody acts."""
    passed = 0.0
    for moment, act in plan(draw, seconds):
        await asyncio.sleep(max(0.0, moment - passed))
        passed = moment
        diary.note("misfortune", f"end {act}")
        if act == "postgres":
            stand.cluster.kill()
            stand.cluster.start()
        elif act == "redis":
            stand.redis.kill()
            stand.redis.start()
        elif not stand.kill(act, draw):
            diary.note("misfortune", f"no {act} to end")
