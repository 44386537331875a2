"""Whatever the policy, the candidates, the faults and the way of asking: private text meets no commercial provider.

Where the policy masks, a masked text may: then the secret stands nowhere in what was sent.

The oracle below reads the policy document by itself and shares no code with the product.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import override_settings
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.domain.errors import OpenRouteError
from apps.domain.ids import UserId
from apps.domain.messages import Image, PromptMessage, Role, Sampling, Tool, ToolCall
from apps.domain.policy import STRATEGIES
from apps.domain.privacy import Sensitivity
from apps.domain.turn import (
    Channel,
    Completed,
    Failed,
    Routed,
    TurnEvent,
    TurnRequest,
)
from apps.policies import excepting
from apps.policies import services as policies
from apps.providers import services as providers
from apps.providers import values as provider_values
from apps.turns import pipeline, runtime
from apps.turns.models import Attempt, Turn
from tests.integration.turns.conftest import INSIDE, OUTSIDE, House, Manner
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

OFFICER = UserId(999)
SECRET = "DE89370400440532013000"
NAMES = (*OUTSIDE, *INSIDE)
LISTS = (["IBAN_CODE", "SECRET"], ["SECRET"], ["IBAN_CODE", "CREDIT_CARD", "PERSON"])
SECRET_PLACES = (
    "user", "system", "assistant", "earlier user", "name", "tool name", "tool description", "tool parameters",
    "arguments", "call id", "tool result", "stop", "response format",
)  # fmt: skip
EXEMPT, UNTIL_THEN = "exempt", "exempt until then"
"""Compliance has declared it not private; in the second case that ends while the first model answers."""
NOT_EXEMPT = ("exempt of another type", "exempt elsewhere", "exempt no more")
MASKED_PLACES = {
    "user", "system", "assistant", "earlier user", "arguments", "tool result", EXEMPT, UNTIL_THEN, *NOT_EXEMPT,
}  # fmt: skip
OTHER_REASONS = ("nothing", "floor", "stored label", "image", "failing detector", "lying detector", "too long")

documents = st.fixed_dictionaries(
    {
        "strategy": st.sampled_from(["best", "balanced", "rules", *STRATEGIES, *(f"fixed:{name}" for name in NAMES)]),
        "sensitivity": st.fixed_dictionaries(
            {
                "action": st.sampled_from(["self_hosted", "mask", "mask", "refuse"]),
                "force_self_hosted": st.sampled_from(LISTS),
            },
            optional={
                "mask_types": st.just(["IBAN_CODE"]),
                "channels": st.fixed_dictionaries(
                    {"api": st.fixed_dictionaries({"force_self_hosted": st.sampled_from(LISTS)})}
                ),
            },
        ),
        "rules": st.lists(
            st.sampled_from(
                [
                    {"require": {"hosting": ["commercial"]}},
                    {"deny": {"hosting": ["self_hosted"]}},
                    {"when": {"sensitivity": "sensitive"}, "require": {"hosting": ["commercial"]}},
                    {"when": {"sensitivity": ["sensitive", "unclassified"]}, "require": {"models": ["out-best"]}},
                    {"when": {"channel": "api"}, "deny": {"models": ["in-good"]}},
                    {"deny": {"providers": ["at-out-best"]}},
                    {"require": {"region": "eu"}},
                ]
            ),
            max_size=2,
        ),
        "routes": st.lists(
            st.builds(lambda names: {"use": names}, st.lists(st.sampled_from(NAMES), min_size=1, unique=True)),
            max_size=1,
        ),
    }
)
Way = tuple[int | None, bool | None]
MANNERS: tuple[Way, ...] = ((None, None), (None, None), (2, False), (3, False), (1, True))
"""How many models are asked at once, and whether answers are held back until a checker is content (adr 0013)."""
ANSWERS = Behaviour()
FAILURES = (
    Behaviour((), provider_values.ProviderUnavailable("It is away.")),
    Behaviour((), provider_values.ProviderTimeout("It is slow.")),
    Behaviour((), provider_values.RateLimited("It is busy.", retry_after_s=1)),
    Behaviour((), provider_values.BadCredentials("It does not know us.")),
    Behaviour((), provider_values.ContextTooLong("It is too small.")),
    Behaviour((), provider_values.ContentRefused("It does not want to.")),
    Behaviour(("Half an ",), provider_values.ProviderUnavailable("It broke off.")),
    Behaviour(("I'm sorry, but I can't help with that.",)),
)
behaviours = st.sampled_from([*FAILURES[:4], *FAILURES, ANSWERS, ANSWERS])


@dataclass(frozen=True)
class Story:
    """One question under one policy, with all that goes wrong; `later` takes effect while the first model hesitates."""

    place: str
    model: str
    channel: Channel
    document: dict[str, Any]
    behaviours: dict[str, Behaviour]
    later: dict[str, Any] | None
    remarked: str | None
    manner: Way
    is_early: bool
    """A provider is marked as commercial after the decision and before anything is sent, not while a model answers."""

    def is_private(self, document: dict[str, Any]) -> bool:
        """What the document says of this text, read without the product."""
        if self.place in OTHER_REASONS:
            return self.place != "nothing"
        if self.place == EXEMPT:
            return False
        sensitivity = document["sensitivity"]
        profile = sensitivity.get("channels", {}).get(self.channel.value, {})
        return "IBAN_CODE" in profile.get("force_self_hosted", sensitivity["force_self_hosted"])

    def is_masked(self, document: dict[str, Any]) -> bool:
        """Whether the document lets this text leave with a placeholder in it."""
        sensitivity = document["sensitivity"]
        return self.place in MASKED_PLACES and sensitivity["action"] == "mask" and bool(sensitivity.get("mask_types"))


def stories_about(place: str, manners: Sequence[Way] = MANNERS) -> st.SearchStrategy[Story]:
    """Everything but the place is left to chance."""
    return st.builds(
        Story,
        place=st.just(place),
        model=st.sampled_from(
            ["auto", "auto:best", "auto:cheapest", "auto:rules", "auto:vote", "auto:cascade", *NAMES, "unknown"]
        ),
        channel=st.sampled_from([Channel.API, Channel.BACKGROUND, Channel.CHAT]),
        document=documents,
        behaviours=st.fixed_dictionaries(dict.fromkeys(NAMES, behaviours)),
        later=st.none() | documents,
        remarked=st.none() | st.sampled_from([*INSIDE]),
        manner=st.sampled_from(manners),
        is_early=st.booleans(),
    )


def request_of(house: House, story: Story) -> TurnRequest:
    """The question, with the secret in its place."""
    asked = PromptMessage(Role.USER, "Which bank is that?")

    def ask(*messages: PromptMessage, **changes: object) -> TurnRequest:
        return house.request(*messages, model=story.model, channel=story.channel, **changes)

    match story.place:
        case "user":
            return ask(PromptMessage(Role.USER, f"Which bank is {SECRET} with?"))
        case place if place in (EXEMPT, UNTIL_THEN, *NOT_EXEMPT):
            return ask(PromptMessage(Role.USER, f"Which bank is {SECRET} with?", stored=uuid4()))
        case "system" | "assistant":
            return ask(asked, PromptMessage(Role(story.place), f"The account is {SECRET}."), asked)
        case "earlier user":
            return ask(PromptMessage(Role.USER, f"It is {SECRET}."), PromptMessage(Role.ASSISTANT, "Yes."), asked)
        case "name":
            return ask(PromptMessage(Role.USER, "Which bank is that?", name=SECRET))
        case "tool name":
            return ask(asked, tools=(Tool(SECRET),))
        case "tool description":
            return ask(asked, tools=(Tool("look", f"Like {SECRET}."),))
        case "tool parameters":
            return ask(asked, tools=(Tool("look", "", f'{{"enum":["{SECRET}"]}}'),))
        case "arguments" | "call id":
            call = ToolCall("c1", "look", f'{{"x":"{SECRET}"}}')
            call = call if story.place == "arguments" else ToolCall(SECRET, "look", "{}")
            return ask(asked, PromptMessage(Role.ASSISTANT, tool_calls=(call,)), asked)
        case "tool result":
            return ask(asked, PromptMessage(Role.TOOL, f"It is {SECRET}.", tool_call_id="c1"), asked)
        case "stop":
            return ask(asked, sampling=Sampling(stop=(SECRET,)))
        case "response format":
            return ask(asked, sampling=Sampling(response_format=f'{{"type":"json_schema","title":"{SECRET}"}}'))
        case "floor":
            return ask(asked, label_floor=Sensitivity.SENSITIVE)
        case "stored label":
            return ask(PromptMessage(Role.USER, "It is that one.", known=Sensitivity.SENSITIVE), asked)
        case "image":
            return ask(PromptMessage(Role.USER, "What is it?", images=(Image("data:image/png;base64,AA=="),)))
        case "too long":
            return ask(PromptMessage(Role.USER, "word " * 50_000))
    return ask(asked)


@contextmanager
def detector_of(story: Story) -> Iterator[None]:
    fault = {"failing detector": "raise", "lying detector": "garbage"}.get(story.place)
    with override_settings(OPENROUTE_FAULTS={"detector": fault} if fault else {}):
        yield


class Observer:
    """Watches the border: every call that leaves, to which hosting as marked now, under which policy now."""

    def __init__(self, house: House, story: Story) -> None:
        self.house, self.story = house, story
        self.document = story.document
        self.is_remarked = self.has_changed = False
        self.leaks: list[str] = []
        self.calls: list[str] = []
        self.masked = 0
        self.asked_together = False
        self.exception: UUID | None = None

    async def __call__(self, call: provider_values.ModelCall, endpoint: Any) -> None:
        """Runs when a call has left: what happens meanwhile takes effect for the next one."""
        hosting = self._hosting(endpoint)
        was_inside = "self_hosted" in self.calls
        self.calls.append(hosting)
        is_exempt = self.story.place == UNTIL_THEN and not self.has_changed
        # A label never falls within a turn; where an exception held at first, the first policy has given none.
        held = (self.document,) if self.story.place == UNTIL_THEN else (self.document, self.story.document)
        private = [document for document in held if self.story.is_private(document)]
        if hosting == "commercial" and private and not is_exempt:
            is_masked = all(map(self.story.is_masked, private)) and SECRET not in everything_in(call)
            self.masked += is_masked
            if not is_masked or was_inside:
                self.leaks.append(call.candidate.model)
        assert Attempt.objects.for_tenant(self.house.tenant).filter(turn_id=call.turn, number=call.attempt).exists()
        if len(self.calls) == 1:
            self.asked_together = Attempt.objects.for_tenant(self.house.tenant).filter(turn_id=call.turn).count() > 1
            await self._change()

    async def decided(self) -> None:
        """The decision is on record and nothing has been sent."""
        if self.story.is_early:
            await self._remark()

    def _hosting(self, endpoint: Any) -> str:
        """As this process has heard it: what it has not heard yet cannot bind it."""
        name = endpoint.name.removeprefix("at-")
        is_outside = name in OUTSIDE or (self.is_remarked and name == self.story.remarked)
        return "commercial" if is_outside else "self_hosted"

    async def _change(self) -> None:
        """The policy is switched, a provider turns out to be commercial, and this process hears of it."""
        if self.story.later is not None:
            policies.put(tenant=self.house.tenant, document=self.story.later, actor="system", at=clock.now())
        if self.exception is not None and self.story.place == UNTIL_THEN:
            excepting.end(tenant=self.house.tenant, exception=self.exception, officer=OFFICER, at=clock.now())
        await self._remark()
        self.document = self.story.later or self.document  # before that, others may leave under the first one
        self.has_changed = True

    async def _remark(self) -> None:
        if self.story.remarked is not None:
            mark(self.story.remarked, "commercial")
        await runtime.current().contexts.refresh(self.house.tenant)
        self.is_remarked = True


def everything_in(call: provider_values.ModelCall) -> str:
    """All texts of a call, whose `repr` hides them."""
    said = [part for m in call.messages for part in (m.text, m.name, m.tool_call_id, *m.parts)]
    called = [part for m in call.messages for c in m.tool_calls for part in (c.id, c.name, c.arguments)]
    offered = [part for tool in call.tools for part in (tool.name, tool.description, tool.parameters)]
    sampling = call.sampling
    return "\n".join((*said, *called, *offered, *sampling.stop, sampling.response_format, sampling.tool_choice))


def mark(model: str, hosting: str) -> None:
    """The operator says where a model runs."""
    providers.put_provider(
        name=f"at-{model}",
        adapter="openai",
        base_url="https://api.example.com/v1",
        hosting=hosting,
        region="eu",
        actor="operator:1",
        at=clock.now(),
    )


def excepted(house: House, story: Story, request: TurnRequest) -> UUID | None:
    """What compliance has decided about the question, or about another one."""
    stored = request.messages[0].stored
    if stored is None:
        return None
    types = ("SECRET",) if story.place == "exempt of another type" else ("IBAN_CODE",)
    message = uuid4() if story.place == "exempt elsewhere" else stored
    at, subject = clock.now(), excepting.Subject(message, uuid4(), types)
    asked = excepting.ask(tenant=house.tenant, user=house.user, subject=subject, because="Why not.", at=at).id
    excepting.grant(tenant=house.tenant, exception=asked, officer=OFFICER, because="So it is.", days=1, at=at)
    if story.place == "exempt no more":
        excepting.end(tenant=house.tenant, exception=asked, officer=OFFICER, at=at)
    return asked


async def play(house: House, wire: ScriptedAdapter, manner: Manner, story: Story) -> Observer:
    """Set the stage, ask, and listen to the end."""
    wire.forget()
    manner.together, manner.held = story.manner
    observer = Observer(house, story)
    for name in NAMES:
        wire.script(name, replace(story.behaviours[name], before=observer))
    for name in INSIDE:
        mark(name, "self_hosted")
    policies.put(tenant=house.tenant, document=story.document, actor="system", at=clock.now())
    request = request_of(house, story)
    observer.exception = excepted(house, story, request)
    runtime.install(runtime.build(inline=True))
    events: list[TurnEvent] = []
    try:
        async for event in pipeline.answer(request):
            events.append(event)
            if isinstance(event, Routed):
                await observer.decided()
    except OpenRouteError:
        assert events == []
        assert not Turn.objects.for_tenant(house.tenant).filter(id=request.turn).exists()
    else:
        assert isinstance(events[-1], Completed | Failed)
        assert Turn.objects.for_tenant(house.tenant).get(id=request.turn).closed_at is not None
    return observer


def every_story(
    house: House, wire: ScriptedAdapter, manner: Manner, stories: st.SearchStrategy[Story], name: str, examples: int
) -> Counter[str]:
    """Play them, always the same ones under a name, and count what happened. None of them may leak."""
    connection = connections["default"]
    seen: Counter[str] = Counter()

    async def played(story: Story) -> Observer:
        connections["default"] = connection
        observer = await play(house, wire, manner, story)
        seen["private" if story.is_private(story.document) else "harmless"] += 1
        seen.update(f"sent to {hosting}" for hosting in observer.calls)
        seen["fell back"] += len(observer.calls) > 1
        seen["asked together"] += observer.asked_together
        seen["masked"] += observer.masked
        return observer

    @seed(zlib.crc32(name.encode()))
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(story=stories)
    def every(story: Story) -> None:
        with detector_of(story):
            observer = runner.run(played(story))
        assert observer.leaks == []

    with asyncio.Runner() as runner:
        every()
        runner.run(providers.shutdown())
    print(name, dict(seen))
    return seen


@pytest.mark.parametrize("place", [*SECRET_PLACES, *OTHER_REASONS, EXEMPT, UNTIL_THEN, *NOT_EXEMPT])
class TestAQuestion:
    def test_that_is_private_meets_no_commercial_provider(
        self, house: House, wire: ScriptedAdapter, manner: Manner, place: str
    ) -> None:
        seen = every_story(house, wire, manner, stories_about(place), place, 16)

        assert seen["sent to commercial"] + seen["sent to self_hosted"] >= 3
        assert seen["fell back"] >= 1
        assert seen["harmless" if place in ("nothing", EXEMPT) else "private"] > 3


@pytest.mark.parametrize("place", ["user", UNTIL_THEN, "tool result"])
class TestAQuestionThatSeveralModelsAnswer:
    @pytest.mark.parametrize("together", [2, 4])
    def test_at_once_meets_no_commercial_provider(
        self, house: House, wire: ScriptedAdapter, manner: Manner, place: str, together: int
    ) -> None:
        stories = stories_about(place, [(together, False)])
        seen = every_story(house, wire, manner, stories, f"{place} to {together}", 30)

        assert seen["asked together"] > 5

    def test_until_a_checker_is_content_meets_no_commercial_provider(
        self, house: House, wire: ScriptedAdapter, manner: Manner, place: str
    ) -> None:
        seen = every_story(house, wire, manner, stories_about(place, [(1, True)]), f"{place}, held", 30)

        assert seen["fell back"] >= 1
