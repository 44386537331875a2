"""A suite, models that answer it by rule, and the job of a run done as a worker does it."""

import json
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp

from apps.core import clock, jobs
from apps.core.models import Job
from apps.domain.ids import TenantId, UserId
from apps.domain.money import Usage
from apps.domain.turn import Finish
from apps.lab import runs, suites
from apps.lab.models import Run, RunAnswer
from apps.lab.values import Bounds, Wanted
from apps.providers.adapters._protocol import Endpoint
from apps.providers.values import Chunk, FinishChunk, ModelCall, TextChunk, UsageChunk
from tests.support.scripted_provider import USAGE, ScriptedAdapter

NOON = datetime.fromisoformat("2026-11-25T12:00:00+00:00")
CAPITALS = {"france": "Paris", "italy": "Rome", "spain": "Madrid", "japan": "Tokyo"}
RUBRIC = {"kind": "judge", "rubric": "It is polite.", "reference": "Dear all, thank you."}


def line(name: str, prompt: str, check: dict[str, Any], task: str = "factual_qa", domain: str = "general") -> str:
    return json.dumps({"id": name, "task": task, "domain": domain, "prompt": prompt, "check": check})


def capitals(names: Iterable[str] = CAPITALS) -> str:
    """A suite of questions that a rule can check."""
    exact = {name: {"kind": "exact", "answers": [CAPITALS[name]]} for name in names}
    return "\n".join(line(name, f"Name the capital of {name}.", check) for name, check in exact.items())


JUDGED = line("polite", "Write a short polite note.", RUBRIC, task="functional_writing")
RUN = {"kind": "code", "language": "python", "tests": "assert f(1) == 2"}
CODE = line("code", "Write f.", RUN, "coding", "computing")


@dataclass(slots=True)
class Answering(ScriptedAdapter):
    """Speaks for every provider; `reply` says what a call is answered with, or raises."""

    reply: Callable[[ModelCall], str] = lambda call: right(call)
    usage: Usage = USAGE
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(model, question) of each call that left the house."""

    async def stream(
        self, call: ModelCall, endpoint: Endpoint, session: aiohttp.ClientSession
    ) -> AsyncGenerator[Chunk, None]:
        self.sent.append((call, endpoint))
        self.asked.append((call.candidate.model, call.messages[-1].text))
        yield TextChunk(self.reply(call))
        yield UsageChunk(self.usage)
        yield FinishChunk(Finish.STOP)


def right(call: ModelCall) -> str:
    """The right answer to a question of `capitals`."""
    country = call.messages[-1].text.removeprefix("Name the capital of ").rstrip(".")
    return CAPITALS.get(country, "I do not know.")


@dataclass(frozen=True, slots=True)
class Lab:
    """Who runs evaluations in a company."""

    tenant: TenantId
    user: UserId

    def upload(self, lines: str, slug: str = "ours") -> str:
        suites.upload(
            tenant=self.tenant, slug=slug, name="Ours", lines=lines, user=self.user, actor="system", at=clock.now()
        )
        return slug

    def begin(self, lines: str = "", *, budget: int = 1_000_000, rate: int = 600, **wanted: Any) -> UUID:
        """A run over these questions, or those of the suite that is named."""
        suite = wanted.pop("suite", "") or self.upload(lines or capitals())
        asked = Wanted(suite=suite, bounds=Bounds(budget, rate), **{"models": ("out-good",), **wanted})
        return runs.begin(tenant=self.tenant, wanted=asked, user=self.user, actor="system", at=clock.now())

    def row(self, run: UUID) -> Run:
        return Run.objects.for_tenant(self.tenant).get(pk=run)

    def answers(self, run: UUID, **wanted: Any) -> list[RunAnswer]:
        rows = RunAnswer.objects.for_tenant(self.tenant).filter(run=run, **{"role": "answer", **wanted})
        return list(rows.order_by("place", "role"))

    def state(self, run: UUID) -> tuple[str, str]:
        """(state, code of the reason) of a run."""
        row = self.row(run)
        return row.state, ((row.reason or {}).get("said") or {}).get("code", "")


def work(times: int = 1) -> int:
    """Do what is due, as a worker that was woken so often. Returns how many slices were done."""
    return sum(jobs.run_due(jobs.handlers(), worker="test", stop_after=1) for _ in range(times))


def due_in() -> timedelta:
    """How long until the one waiting job is due."""
    return Job.objects.get(state=Job.State.WAITING).due_at - clock.now()
