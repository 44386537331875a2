"""What belongs to a conversation: questions, files, branches, titles, and what follows a private answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from apps.core import clock, jobs
from apps.core.tenancy import use_tenant
from apps.core.threads import in_db
from apps.operations.drill import company
from apps.operations.drill.client import NoAnswer
from apps.operations.drill.company import OUTSIDE
from apps.operations.drill.scene import Expected, Probe, Scene, conversation_of, ended

Frames = Sequence[Mapping[str, Any]]


async def _question(scene: Scene) -> str:
    async with scene.client().socket() as socket:
        return ended(await socket.ask(scene.canary().sentence, model=OUTSIDE, team="all"))


async def _follow_up(scene: Scene) -> str:
    async with scene.client().socket() as socket:
        first = await socket.ask(scene.canary().sentence, team="all")
        place = str(conversation_of(first))
        return ended(await socket.ask("And what follows from that?", conversation=place, model=OUTSIDE))


async def _again(scene: Scene) -> str:
    async with scene.client().socket() as socket:
        first = await socket.ask(scene.canary().sentence, team="all")
        await socket.send("regenerate", id=str(uuid4()), message=_answer(first), model=OUTSIDE)
        return ended(await socket.until("completed", "failed"))


async def _branch(scene: Scene) -> str:
    """A question that was harmless is asked anew with a private value in it."""
    async with scene.client().socket() as socket:
        first = await socket.ask(scene.harmless(), team="all")
        place = str(conversation_of(first))
        return ended(await socket.ask(scene.canary().sentence, conversation=place, parent=None, model=OUTSIDE))


async def _check(scene: Scene) -> str:
    async with scene.client().socket() as socket:
        await socket.send("check", id=str(uuid4()), text=scene.canary().sentence, model=OUTSIDE)
        return f"checked, {(await socket.until('checked'))[-1].get('sensitivity', 'refused')}"


async def _file(scene: Scene) -> str:
    return await _with_file(scene, "notes.txt", scene.canary().sentence)


async def _file_name(scene: Scene) -> str:
    return await _with_file(scene, f"{scene.canary().value}.txt", "Nothing but a greeting.")


async def _with_file(scene: Scene, name: str, text: str) -> str:
    client = scene.client()
    reply = await client.upload(name, text.encode())
    if reply.status != 201:
        return f"refused, {reply.json['code']}"
    async with client.socket() as socket:
        asked = "What does the file say?"
        return ended(await socket.ask(asked, team="all", model=OUTSIDE, attachments=[reply.json["id"]]))


async def _title(scene: Scene) -> str:
    """The job that names a conversation, as a worker runs it; one kind after the other, under one policy."""
    asked = []
    for kind in scene.kinds:
        async with scene.client().socket() as socket:
            asked.append(await socket.ask(replace(scene, kind=kind).canary().sentence, team="all"))
    await in_db(company.name_conversations, scene.company, clock.now())
    try:
        with use_tenant(scene.company.tenant):
            for frames in asked:
                await in_db(jobs.handlers()["chat.title"], _job(scene, conversation_of(frames), _answer(frames)))
    finally:
        await in_db(company.as_before, scene.company, clock.now())
    return "named"


def _job(scene: Scene, conversation: UUID, answer: str) -> jobs.Running:
    payload = {"answer": answer}
    return jobs.Running(uuid4(), scene.company.tenant, "chat.title", str(conversation), payload, tries=1)


def _answer(frames: Frames) -> str:
    last = frames[-1]
    if last["type"] == "error":
        raise NoAnswer(f"the question was refused: {last['code']}")
    return str(last["message"])


def _probe(name: str, about: str, expected: Expected, run: Callable[[Scene], Awaitable[str]]) -> Probe:
    return Probe(name, about, expected, run, per_kind=True)


PROBES: Final = (
    _probe("chat.question", "A private value in a question of the chat", Expected.NO_CANARY, _question),
    _probe("chat.follow-up", "A harmless question after a private one", Expected.NO_CANARY, _follow_up),
    _probe("chat.regenerate", "A private question answered again by a model outside", Expected.NO_CANARY, _again),
    _probe("chat.branch", "A private question beside a harmless one", Expected.NO_CANARY, _branch),
    _probe("chat.check", "A private question that is only typed", Expected.NOTHING, _check),
    _probe("chat.file", "A private value in a file", Expected.NO_CANARY, _file),
    _probe("chat.file-name", "A private value in the name of a file", Expected.NO_CANARY, _file_name),
    Probe("chat.title", "The title of a private conversation", Expected.NO_CANARY, _title),
)
