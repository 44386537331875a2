"""The websocket of the chat: parse, delegate, translate. What is answered belongs to the turn, not to the socket."""

import asyncio
from contextlib import aclosing
from typing import Any, ClassVar, Final

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError

from apps.chat import following, frames, handshake, selectors, wire
from apps.chat.hub import CLOSE_TOO_MANY, HUB
from apps.chat.outgoing import FrameRate, Outgoing
from apps.chat.questions import Questions
from apps.core.threads import in_db
from apps.domain.errors import InvalidRequest, OpenRouteError, Overloaded
from apps.domain.ids import ConversationId, TurnId, new_id
from apps.domain.limits import MAX_FRAME_BYTES
from apps.identity.values import Principal
from apps.turns import selectors as turn_selectors
from apps.turns import services as turns

log = structlog.get_logger(__name__)

CLOSE_TOO_LARGE: Final = 4413
FRAMES_PER_S: Final = 250.0
FRAMES_BURST: Final = 500.0
MAX_SOCKETS_PER_PERSON: Final = 50
MAX_FOLLOWED: Final = 64
"""Turns that one socket may be shown at once."""


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One socket of one person. Frames are those of the contract, `/ws/v1/chat`."""

    # No channel of its own: the hub listens once per process. Channels gives None for an alias that is not configured.
    channel_layer_alias: ClassVar[str] = "none-per-socket"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = str(new_id())
        self.principal: Principal
        self.access: object = None
        self.checked_at = 0.0
        self._is_signed_in = False
        self._closed = False
        self._questions = Questions(self)
        self._followed: dict[TurnId, asyncio.Task[None]] = {}
        self._within: dict[TurnId, ConversationId | None] = {}
        self._out = Outgoing(self._write, self._too_slow)
        self._rate = FrameRate(per_second=FRAMES_PER_S, burst=FRAMES_BURST, clock=asyncio.get_running_loop().time)

    # -- life

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Only the three messages of a socket. Channels' own would hop to a thread for each, to close connections."""
        match message["type"]:
            case "websocket.connect":
                await self.websocket_connect(message)
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.disconnect":
                await self.disconnect(message.get("code", 1005))
                raise StopConsumer

    async def connect(self) -> None:
        """Accept first, so that a browser sees the close code, then sign in at once."""
        await self.accept()
        try:
            self.principal = await handshake.sign_in(self.scope)
            self.access = turns.access_version(self.principal.tenant)
        except handshake.Rejected as rejected:
            await self._close(rejected.code)
            return
        except (OpenRouteError, DatabaseError) as error:  # who it is cannot be checked: nobody gets in
            log.warning("socket.sign_in_failed", error=type(error).__name__)
            await self._close(1013)
            return
        if HUB.sockets_of(self.principal) >= MAX_SOCKETS_PER_PERSON:
            await self._close(CLOSE_TOO_MANY)
            return
        self.checked_at = asyncio.get_running_loop().time()
        self._is_signed_in = True
        HUB.join(self)

    async def disconnect(self, code: int) -> None:
        self._leave()

    def end(self, code: int) -> None:
        """Stop every stream to this socket and close it; the turns go on."""
        if not self._closed:
            self._leave()
            HUB.spawn(self._close(code))

    def _leave(self) -> None:
        self._closed = True
        if self._is_signed_in:
            self._is_signed_in = False
            HUB.leave(self)
        self._questions.cancel()
        for task in self._followed.values():
            task.cancel()
        self._out.close()

    async def _close(self, code: int) -> None:
        self._closed = True
        await self.close(code)

    # -- out

    @property
    def stuck_since(self) -> float | None:
        return self._out.stuck_since

    async def say(self, frame: str) -> None:
        await self._out.put(frame)

    def offer(self, frame: str) -> None:
        self._out.offer(frame)

    def follow(self, turn: TurnId, *, at: int, seq: int, within: ConversationId | None = None) -> None:
        """Show a turn from there on; a second call for the same turn begins again from its own place."""
        running = self._followed.pop(turn, None)
        if running is not None:
            running.cancel()
        elif len(self._followed) >= MAX_FOLLOWED:
            self.offer(wire.error(Overloaded("This connection follows too many answers. Open another one.")))
            return
        task = asyncio.create_task(self._show(turn, at, seq), name=f"follow-{turn}")
        self._followed[turn] = task
        self._within[turn] = within
        task.add_done_callback(lambda done: self._forget(turn, done))

    def _forget(self, turn: TurnId, done: "asyncio.Task[None]") -> None:
        if self._followed.get(turn) is done:
            del self._followed[turn], self._within[turn]

    async def _show(self, turn: TurnId, at: int, seq: int) -> None:
        reader = self.principal
        try:
            async with aclosing(following.frames(reader.tenant, reader.person.id, turn, at=at, seq=seq)) as frames:
                async for frame in frames:
                    await self._out.put(frame)
        except OpenRouteError as error:
            await self.say(wire.error(error))
        except (DatabaseError, InterfaceError) as error:
            await self.unwell(error, None)

    async def _write(self, frame: str) -> None:
        if self._closed:
            return
        try:
            await self.base_send({"type": "websocket.send", "text": frame})  # Channels' own `send` is two calls more
        except OSError:  # the client is gone; the server tells us next
            self._closed = True

    def _too_slow(self) -> None:
        log.info("socket.cut_off", socket=self.name, why="too much waits")
        self.end(CLOSE_TOO_MANY)

    # -- in

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame. Whatever is wrong with it is answered by an `error` frame or a close code; nobody else notices."""
        if not self._is_signed_in:
            return
        if not self._rate.admit():
            self.end(CLOSE_TOO_MANY)
            return
        if text_data is None:
            size = len(bytes_data or b"")
            problem = InvalidRequest("Binary frames are not understood here; send JSON text.")
        else:
            size, problem = len(text_data.encode("utf-8", "surrogatepass")), None
        if size > MAX_FRAME_BYTES:
            self.end(CLOSE_TOO_LARGE)
        elif problem is not None or text_data is None:
            await self.say(wire.error(problem or InvalidRequest("The frame is empty.")))
        else:
            await self._understand(text_data)

    async def _understand(self, text: str) -> None:
        client_id = None
        try:
            found = frames.decode(text)
            client_id = frames.client_id(found)
            await self._obey(frames.parse(found))
        except OpenRouteError as error:
            await self.say(wire.error(error, client_id))
        except (DatabaseError, InterfaceError) as error:
            await self.unwell(error, client_id)

    async def _obey(self, frame: frames.Frame) -> None:
        match frame:
            case frames.Ask() | frames.Regenerate() | frames.Check():
                self._questions.start(frame)
            case frames.Stop(turn=turn):
                await turns.stop(tenant=self.principal.tenant, user=self.principal.person.id, turn=turn)
            case frames.Subscribe(conversation=conversation):
                await self._subscribe(conversation)
            case frames.Unsubscribe(conversation=conversation):
                self._unsubscribe(conversation)
            case frames.Resume(turn=turn, at=at, seq=seq):
                self.follow(turn, at=at, seq=seq)
            case frames.Ping():
                await self.say(wire.pong())

    async def unwell(self, error: DatabaseError | InterfaceError, client_id: str | None) -> None:
        log.warning("socket.store_away", error=type(error).__name__)
        await self.say(wire.error(Overloaded("The database cannot be reached. Try again in a moment."), client_id))

    async def _subscribe(self, conversation: ConversationId) -> None:
        """Follow a conversation: what runs in it from here on, and what is asked in it later."""
        reader = self.principal
        me = reader.person.id
        record = await in_db(selectors.conversation, tenant=reader.tenant, user=me, conversation=conversation)
        HUB.subscribe(self, conversation, guest=record.owner != me)
        elsewhere = await in_db(turn_selectors.running_in, reader.tenant, conversation)
        places = dict.fromkeys(elsewhere, (0, 0))
        places |= {live.turn: (live.seq, len(live.text())) for live in turns.running() if _is_of(live, conversation)}
        await self.say(wire.state(conversation, [(turn, seq) for turn, (seq, _) in places.items()]))
        for turn, (seq, at) in places.items():
            if turn not in self._followed:
                self.follow(turn, at=at, seq=seq, within=conversation)

    def withdraw(self, conversation: ConversationId) -> None:
        """Stop showing a conversation that this person may not read any more, and say that it is gone."""
        self._unsubscribe(conversation)
        self.offer(wire.withdrawn(conversation))

    def _unsubscribe(self, conversation: ConversationId) -> None:
        HUB.unsubscribe(self, conversation)
        for turn in [turn for turn, within in self._within.items() if within == conversation]:
            self._followed[turn].cancel()


def _is_of(live: turns.LiveTurn, conversation: ConversationId) -> bool:
    """Whether it is on record and belongs to the conversation."""
    return live.routed is not None and live.request.chat is not None and live.request.chat.conversation == conversation
