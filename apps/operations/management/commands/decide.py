"""`manage.py decide FILE.jsonl --tenant T --user E`: who would answer each prompt, and why. Nothing is sent."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TeamId, TurnId, new_id
from apps.domain.messages import PromptMessage, Role
from apps.domain.turn import Channel, Principal, TurnRequest
from apps.operations import jsonl
from apps.privacy import services as privacy
from apps.routing import services as routing
from apps.tenants import selectors as tenants
from apps.turns import runtime
from apps.turns import services as turns

CHANNELS = tuple(channel.value for channel in Channel)


class Command(BaseCommand):
    """Reads lines `{"id", "prompt"}` and prints the decision record of each, in order.

    A line may also hold `model`, `system` (a system prompt) and `tags`, as a request may; a file made for `inspect`,
    with `text` for `prompt`, is read as well. The record of a prompt that would be refused says why.
    """

    help = 'For each line {"id", "prompt", "model"?, "system"?, "tags"?} print the decision record; nothing is sent.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON lines, UTF-8")
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the person who would ask")
        parser.add_argument("--team", metavar="SLUG", help="whose budget and models count; default: the person's first")
        parser.add_argument("--channel", choices=CHANNELS, default=Channel.CHAT.value)

    def handle(self, *args: Any, **options: Any) -> None:
        asker = _asker(options["tenant"], options["user"])
        team = _team(asker, options["team"])
        channel = Channel(options["channel"])
        lines = tuple(jsonl.read(options["file"], "prompt", "text"))
        privacy.start()
        routing.start()
        with _process():
            asyncio.run(self._decide([_request(line, asker, team, channel) for line in lines], lines))

    async def _decide(self, requests: Sequence[TurnRequest], lines: Sequence[jsonl.Line]) -> None:
        async with _watching():
            for request, line in zip(requests, lines, strict=True):
                self.stdout.write(json.dumps({"id": line["id"], **await _record(request)}, ensure_ascii=False))


@contextmanager
def _process() -> Iterator[None]:
    """What a serving process holds, for the length of the command."""
    runtime.install(runtime.build(inline=True))
    try:
        yield
    finally:
        runtime.install(None)


@asynccontextmanager
async def _watching() -> AsyncIterator[None]:
    """Rights and policies are read as a serving process reads them: polled, so that no long file outlives them."""
    watch = runtime.current().watch
    await watch.start()
    try:
        yield
    finally:
        await watch.stop()


async def _record(request: TurnRequest) -> jsonl.Line:
    """The decision record as it would be stored; a request that is refused before a decision has only the refusal."""
    try:
        checked = await turns.check(request)
    except OpenRouteError as error:
        return {"refused": {"code": error.code, "reason": error.detail}}
    return dict(checked.choice.record)


def _asker(slug: str, email: str) -> Principal:
    tenant = tenants.tenant_by_slug(slug)
    if tenant is None:
        raise CommandError(f"There is no tenant {slug!r}.")
    person = tenants.person_by_email(tenant.id, email)
    if person is None:
        raise CommandError(f"There is nobody with the e-mail {email!r} in {slug!r}.")
    return Principal(tenant.id, person.id)


def _team(asker: Principal, slug: str | None) -> TeamId | None:
    if slug is None:
        return None
    team = tenants.team_by_slug(asker.tenant, slug)
    if team is None:
        raise CommandError(f"There is no team {slug!r}.")
    return team.id


def _request(line: jsonl.Line, asker: Principal, team: TeamId | None, channel: Channel) -> TurnRequest:
    system = (PromptMessage(Role.SYSTEM, str(line["system"])),) if line.get("system") else ()
    return TurnRequest(
        turn=TurnId(new_id()),
        principal=asker,
        team=team,
        channel=channel,
        messages=(*system, PromptMessage(Role.USER, line["prompt"])),
        received_at=clock.now(),
        model=str(line.get("model", "auto")),
        tags=frozenset(map(str, line.get("tags", ()))),
    )
