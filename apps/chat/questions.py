"""The questions that one socket has under way: from the frame until it follows the turn like any other reader."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from django.db import DatabaseError, InterfaceError

from apps.chat import asks, selectors, wire
from apps.chat.frames import Ask, Check, Regenerate
from apps.chat.hub import HUB
from apps.chat.recorder import LeafMoved
from apps.core.threads import in_db
from apps.domain.errors import NotFound, OpenRouteError, Overloaded
from apps.domain.ids import TurnId
from apps.domain.sentences import say
from apps.identity.values import Principal
from apps.turns import services as turns

MAX_AT_ONCE: Final = 32
"""Questions that one socket may have under way."""
CHECKING_AFTER_S: Final = 0.3


class Asker(Protocol):
    """The socket that asks."""

    name: str
    principal: Principal

    async def say(self, frame: str) -> None:
        """Send a frame, waiting for the reader."""
        ...

    async def unwell(self, error: DatabaseError | InterfaceError, client_id: str | None) -> None:
        """Say that the database is away."""
        ...

    def follow(self, turn: TurnId, *, at: int, seq: int) -> None:
        """Show the turn from there on."""
        ...


class Questions:
    """Each runs in a task of its own: while one waits for a scan or a commit, the socket hears the next frame."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, frame: Ask | Regenerate | Check) -> None:
        """Begin with a question. Raises `Overloaded` when too many are under way."""
        if len(self._tasks) >= MAX_AT_ONCE:
            raise Overloaded(
                say("too_many_at_once", "Too many questions at once on this connection. Wait for some answers.")
            )
        work = self._check(frame) if isinstance(frame, Check) else self._ask(frame)
        task = asyncio.create_task(self._answering_errors(work, frame.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """The socket is gone. What was launched goes on."""
        for task in self._tasks:
            task.cancel()

    async def _answering_errors(self, work: Coroutine[Any, Any, None], client_id: str) -> None:
        try:
            await work
        except OpenRouteError as error:
            await self._asker.say(wire.error(error, client_id))
        except (DatabaseError, InterfaceError) as error:
            await self._asker.unwell(error, client_id)

    async def _ask(self, frame: Ask | Regenerate) -> None:
        """Ask, and once more where the newest message, which the question is to follow, has changed meanwhile."""
        try:
            await self._ask_once(frame)
        except LeafMoved:
            await self._ask_once(frame)

    async def _ask_once(self, frame: Ask | Regenerate) -> None:
        asked = await (
            asks.ask(self._asker.principal, frame)
            if isinstance(frame, Ask)
            else asks.regenerate(self._asker.principal, frame)
        )
        if isinstance(asked, asks.AskedBefore):
            await self._ask_again(frame.id, asked.turn)
            return
        live = turns.launch(asked.request, asked.idempotency)
        HUB.opening(live, origin=self._asker.name)
        try:
            await self._accepted(live, frame.id)
        except turns.TurnRunning as busy:
            if busy.turn is None:
                raise
            await self._ask_again(frame.id, busy.turn)  # the same question came twice at the same moment
            return
        chat = live.request.chat
        assert chat is not None
        question = chat.question or chat.parent
        assert question is not None
        await self._asker.say(wire.accepted(frame.id, live.turn, chat.conversation, question))
        self._asker.follow(live.turn, at=0, seq=0)

    async def _accepted(self, live: turns.LiveTurn, client_id: str) -> None:
        """Wait until the question is on record; say that it is being checked when that takes long."""
        waiting = asyncio.ensure_future(live.accepted())
        try:
            done, _ = await asyncio.wait({waiting}, timeout=CHECKING_AFTER_S)
            if not done:
                await self._asker.say(wire.checking(client_id))
            await waiting
        finally:
            waiting.cancel()

    async def _ask_again(self, client_id: str, turn: TurnId) -> None:
        """A retry is the same question: what is on record of it, and its answer from the beginning."""
        reader = self._asker.principal
        stored = await in_db(selectors.of_turn, tenant=reader.tenant, user=reader.person.id, turn=turn)
        if not stored:
            raise NotFound(say("question_deleted", "The question with this id was deleted."))
        first = stored[0]
        question = first.id if first.role == "user" else first.parent
        assert question is not None
        await self._asker.say(wire.accepted(client_id, turn, first.conversation, question))
        self._asker.follow(turn, at=0, seq=0)

    async def _check(self, frame: Check) -> None:
        await self._asker.say(wire.checked(frame.id, await asks.check(self._asker.principal, frame)))
