"""What the journey of the model pages looks at: two months of observations of three models and of
one that the company may not use any more, and an alarm.

A program of its own, as the worker is. It writes for the company globex, whose models no other journey waits for.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import django

django.setup()

from apps.core import clock  # noqa: E402 - Django is set up first
from apps.core.tenancy import all_tenants  # noqa: E402
from apps.domain.intent import TASKS  # noqa: E402
from apps.domain.observation import Observation, Speed  # noqa: E402
from apps.lab import runs  # noqa: E402
from apps.lab.models import DriftAlarm  # noqa: E402
from apps.lab.values import Bounds, Wanted  # noqa: E402
from apps.routing.services import note_speeds, observe  # noqa: E402
from apps.tenants.models import User  # noqa: E402

DAYS = 64
A_DAY = 7
CHANGED = 10
"""Days ago from which on `demo-small` is worse."""


class Look(NamedTuple):
    """How good and how fast a model is made to be. Milliseconds, tokens a second, micro-dollars."""

    good: float
    wait: float
    speed: float
    cost: int


MODELS = {
    "demo-large": Look(0.92, 1300.0, 42.0, 24_000),
    "demo-local": Look(0.66, 420.0, 31.0, 0),
    "demo-small": Look(0.74, 610.0, 88.0, 310),
    "demo-writer": Look(0.8, 700.0, 60.0, 900),  # the company may not use it
}
UNSEEN: dict[str, set[str]] = {
    "demo-large": {"roleplay_chat"},
    "demo-local": {"math", "coding"},
    "demo-small": {"translation"},
}


def days(chance: random.Random, now: datetime) -> Iterator[tuple[Observation, Speed]]:
    """One judgement and one attempt for each question of each working day."""
    for model, look in MODELS.items():
        tasks = [task for task in TASKS if task not in UNSEEN.get(model, ())]
        for ago in range(DAYS, -1, -1):
            at = now - timedelta(days=ago, minutes=5)
            if at.weekday() >= 5:
                continue
            for _ in range(A_DAY):
                yield _question(chance, model, look, chance.choice(tasks), at, ago)


def _question(
    chance: random.Random, model: str, look: Look, task: str, at: datetime, ago: int
) -> tuple[Observation, Speed]:
    is_worse = model == "demo-small" and ago < CHANGED
    good = look.good - (0.4 if is_worse else 0.0) + 0.06 * ((TASKS.index(task) * 5) % 7 - 3) / 3
    value = min(1.0, max(0.0, chance.gauss(good, 0.1)))
    end = chance.choices(("answered", "error", "refused", "truncated"), (0.955, 0.02, 0.01, 0.015))[0]
    source = uuid4()
    kind = {"source": source, "model": model, "task": task, "domain": "general", "at": at}
    return (
        Observation(**kind, complexity=3, signal="evaluated", value=value),
        Speed(
            **kind,
            end=end,
            first_token_ms=None if end == "error" else chance.lognormvariate(0.0, 0.35) * look.wait,
            tokens_per_s=None if end == "error" else chance.gauss(look.speed, look.speed * 0.08),
            cost_micro_usd=0 if end == "error" else round(look.cost * chance.uniform(0.6, 1.5)),
        ),
    )


def seed() -> None:
    """Write it all, once for each run of the journey's server."""
    now = clock.now()
    with all_tenants():
        gina = User.objects.get(email="gina@globex.example")
    observed = list(days(random.Random(6), now))
    observe(gina.tenant_id, [observation for observation, _ in observed])
    note_speeds(gina.tenant_id, [speed for _, speed in observed])
    acting = {"tenant": gina.tenant_id, "actor": f"user:{gina.pk}", "at": now}
    run = runs.begin(
        wanted=Wanted(suite="general", models=("demo-small",), bounds=Bounds(1_000_000, 60), sample=40),
        user=gina.pk,
        **acting,
    )
    runs.stop(run=run, **acting)
    DriftAlarm.objects.create(
        id=uuid4(), tenant_id=gina.tenant_id, run_id=run, model="demo-small", asked=40, failed=17, expected=8.4,
        chance=0.0031, raised_at=now - timedelta(days=CHANGED),
    )  # fmt: skip


seed()
