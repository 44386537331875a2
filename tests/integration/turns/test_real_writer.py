"""The planner over the writer of a serving process and the store of this installation, with real transactions."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from apps.audit import services as audit
from apps.chat.models import Conversation, Message
from apps.chat.recorder import LeafMoved
from apps.core import clock, threads
from apps.core.writer import Writer
from apps.domain.ids import ConversationId, MessageId, TeamId, TenantId, UserId, new_id
from apps.domain.turn import ChatRef, Principal
from apps.turns import outcome, runtime
from apps.turns.models import Turn
from apps.turns.operations import CloseTurn, Grant, OpenTurn, Settled
from tests.support.audit import flush_lifts_the_guard  # noqa: F401 - an autouse fixture
from tests.support.factories.chat import AnswerFactory
from tests.support.factories.tenants import TeamFactory
from tests.support.turn_values import attempt, candidate, closing, opening, ranked, request

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Talk:
    """A conversation with one answer."""

    tenant: TenantId
    owner: UserId
    team: TeamId
    conversation: ConversationId
    leaf: MessageId

    def ask(self, *, follows: bool = True) -> OpenTurn:
        question, answer = MessageId(new_id()), MessageId(new_id())
        chat = ChatRef(self.conversation, self.leaf, question, answer, follows=follows)
        who = Principal(self.tenant, self.owner)
        asked = request("And then?", recorder="chat", chat=chat, principal=who, team=self.team)
        return opening(ranked(candidate()), request=asked, owner=runtime.current().boot_id)

    def messages(self) -> list[Message]:
        return list(Message.objects.for_tenant(self.tenant).filter(conversation_id=self.conversation).order_by("id"))


@pytest.fixture
def talk(db: None) -> Talk:
    answer = AnswerFactory()
    conversation = answer.conversation
    Conversation.objects.for_tenant(conversation.tenant_id).filter(pk=conversation.pk).update(leaf_id=answer.pk)
    tenant, team = TenantId(conversation.tenant_id), TeamFactory(tenant=conversation.tenant)
    audit.create_head(tenant)
    owner, leaf = UserId(conversation.owner_id), MessageId(answer.pk)
    return Talk(tenant, owner, TeamId(team.pk), ConversationId(conversation.pk), leaf)


@pytest_asyncio.fixture
async def writers(settings: Any) -> AsyncIterator[tuple[Writer, Writer]]:
    """Those of two processes: each with its own queue and connection."""
    settings.OPENROUTE_INLINE = False
    both = Writer(runtime.writer_store(), now=clock.now), Writer(runtime.writer_store(), now=clock.now)
    for writer in both:
        writer.start()
    yield both
    for writer in both:
        await writer.drain()


@pytest.fixture
def _serving(writers: tuple[Writer, Writer]) -> None:
    """This process closes its turns with the first of them."""
    runtime.current().writer = writers[0]


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    yield
    threads.shutdown()


class TestTwoQuestionsThatFollowTheSameAnswer:
    @pytest.mark.parametrize("processes", [1, 2])
    async def test_do_not_become_siblings(self, talk: Talk, writers: tuple[Writer, Writer], processes: int) -> None:
        asked = [writers[number % processes].submit(talk.ask()) for number in range(6)]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Grant", *["LeafMoved"] * 5]
        assert len(talk.messages()) == 4

    async def test_may_be_siblings_when_they_name_it(self, talk: Talk, writers: tuple[Writer, Writer]) -> None:
        outcomes = await asyncio.gather(*(writer.submit(talk.ask(follows=False)) for writer in writers))

        assert all(isinstance(outcome, Grant) for outcome in outcomes)
        assert len(talk.messages()) == 6

    async def test_are_refused_for_their_leaf_alone(self, talk: Talk, writers: tuple[Writer, Writer]) -> None:
        await writers[0].submit(talk.ask())
        with pytest.raises(LeafMoved, match="still being answered"):
            await writers[1].submit(talk.ask())


@pytest.mark.usefixtures("_serving")
class TestAnEndThatTheDatabaseRefuses:
    @pytest.mark.services
    async def test_for_a_nul_is_the_end_of_a_failed_turn(self, talk: Talk, writers: tuple[Writer, Writer]) -> None:
        settled = await self._closed(talk, writers[0], text="Half an \0")

        assert settled == Settled(50, whole=False)
        assert self._turn(talk) == ("failed", "internal_error", 50)
        assert ("failed", "", "internal_error") in [(m.state, m.text, m.error) for m in talk.messages()]

    async def test_for_anything_else_too(self, talk: Talk, writers: tuple[Writer, Writer]) -> None:
        settled = await self._closed(talk, writers[0], finish=7)  # no member of `Finish`

        assert settled == Settled(50, whole=False)
        assert self._turn(talk) == ("failed", "internal_error", 50)

    async def test_harms_none_of_the_same_batch(self, talk: Talk, writers: tuple[Writer, Writer]) -> None:
        asked = [talk.ask(follows=False) for _ in range(20)]
        await asyncio.gather(*(writers[0].submit(operation) for operation in asked))
        ends = [outcome.close(_close(operation)) for operation in asked[1:]]
        ends.append(outcome.close(_close(asked[0], finish=7)))
        settled = await asyncio.gather(*ends)

        assert [end.whole for end in settled] == [True] * 19 + [False]
        states = Turn.objects.for_tenant(talk.tenant).values_list("state", flat=True)
        assert sorted(states) == ["completed"] * 19 + ["failed"]

    async def _closed(self, talk: Talk, writer: Writer, **changes: Any) -> Settled:
        operation = talk.ask()
        await writer.submit(operation)
        async with asyncio.timeout(10):
            return await outcome.close(_close(operation, **changes))

    def _turn(self, talk: Talk) -> tuple[str, str, int | None]:
        turn = Turn.objects.for_tenant(talk.tenant).get()
        return turn.state, turn.code, turn.cost


def _close(operation: OpenTurn, **changes: Any) -> CloseTurn:
    return closing(operation, attempt(), **changes)
