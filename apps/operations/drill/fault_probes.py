"""What goes wrong meanwhile: the detector is dead, the models inside are away, the policy changes."""

from typing import Final
from uuid import uuid4

from apps.core import clock
from apps.core.threads import in_db
from apps.operations.drill import company
from apps.operations.drill.company import FICKLE, OUTSIDE
from apps.operations.drill.scene import Expected, Probe, Scene, ended, fault, told, user

STORY: Final = "Write a story of 300 words about a lighthouse."
DETECTOR: Final = {"raise": "raises errors", "hang": "never answers", "garbage": "answers with nonsense"}


def _dead_detector(kind: str) -> Probe:
    async def run(scene: Scene) -> str:
        with fault(kind):
            reply = await scene.client().complete(user(scene.harmless()), model=OUTSIDE)
            async with scene.client().socket() as socket:
                frames = await socket.ask(scene.canary().sentence, team="all", model=OUTSIDE)
        return f"{told(reply)}; {ended(frames)}"

    about = f"Any text, while the detector {DETECTOR[kind]}"
    return Probe(f"detector.{kind}", about, Expected.NOTHING, run)


async def _dead_detector_without_inside(scene: Scene) -> str:
    with fault("raise"):
        return told(await scene.client("no-inside").complete(user(scene.harmless())))


def _team(team: str) -> Probe:
    async def run(scene: Scene) -> str:
        reply = await scene.client(team).complete(user(scene.canary().sentence))
        async with scene.client(team).socket() as socket:
            frames = await socket.ask(scene.canary().sentence, team=team)
        return f"{told(reply)}; {ended(frames)}"

    return Probe(f"failover.{team}", _TEAMS[team], Expected.NO_CANARY, run)


_TEAMS: Final = {
    "no-inside": "A private value where there is no model inside",
    "inside-down": "A private value while the model inside is down",
    "inside-breaks": "A private value while the model inside breaks off in mid-answer",
}


async def _switched_policy(scene: Scene) -> str:
    """The model outside breaks off after the policy has changed: who goes on must be inside."""
    async with scene.client("outside-breaks").socket() as socket:
        await socket.send("ask", id=str(uuid4()), text=STORY, team="outside-breaks", model=FICKLE)
        begun = await socket.until("delta", "failed")
        scene.mark()
        await in_db(company.stay_inside, scene.company, clock.now())
        try:
            frames = [*begun, *await socket.until("completed", "failed")]
            after = await socket.ask(scene.harmless(), team="outside-breaks", model=OUTSIDE)
        finally:
            await in_db(company.as_before, scene.company, clock.now())
    return f"{ended(frames)}; {ended(after)}"


PROBES: Final = (
    *map(_dead_detector, DETECTOR),
    Probe(
        "detector.no-inside", "Harmless text, while the detector raises errors and no model is inside",
        Expected.NOTHING, _dead_detector_without_inside,
    ),
    *map(_team, _TEAMS),
    Probe(
        "policy.switched", "An answer from outside that breaks off after the policy has closed the way there",
        Expected.NOTHING, _switched_policy,
    ),
)  # fmt: skip
