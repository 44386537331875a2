"""Which sockets of this process must hear of what: changed conversations, newly opened turns, ended sessions.

Events reach the sockets of this process directly and those of other processes through the channel layer. Once a second
the hub reads what changed in the conversations of the people who are here and what was asked in those that are open, so
that an event that was lost, or that comes from a worker, is a second late instead of missing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import DatabaseError, InterfaceError

from apps.chat import events, selectors, watching, wire
from apps.chat.events import Changed, Event, Opened, Unshared
from apps.chat.missed import Missed, Since
from apps.chat.sockets import Socket
from apps.chat.watching import Announced, Shown
from apps.core import clock
from apps.core.threads import in_db
from apps.domain.errors import OpenRouteError
from apps.domain.ids import ConversationId, TenantId, UserId, new_id
from apps.identity.values import Principal
from apps.turns import services as turns

log = structlog.get_logger(__name__)

WATCH_S: Final = 1.0
RECHECK_S: Final = 30.0
OVERLAP: Final = timedelta(seconds=5)
"""How far back each look goes: a transaction commits later than the time it is stamped with."""
STUCK_S: Final = 20.0
"""A reader that does not take one frame for so long is cut off."""
CLOSE_ENDED: Final = 4408
CLOSE_TOO_MANY: Final = 4429
Reader = tuple[TenantId, UserId]


class Hub:
    """The sockets of one event loop. All methods but `announce` belong to that loop."""

    def __init__(self) -> None:
        self._boot = str(new_id())
        self._people: defaultdict[Reader, set[Socket]] = defaultdict(set)
        self._readers: defaultdict[ConversationId, set[Socket]] = defaultdict(set)
        self._subscriptions: defaultdict[str, dict[ConversationId, Since]] = defaultdict(dict)
        self._missed = Missed()
        self._announced = Announced()
        self._started_at = self._seen_until = datetime.max.replace(tzinfo=UTC)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._watchers: tuple[asyncio.Task[None], ...] = ()

    # -- sockets

    def join(self, socket: Socket) -> None:
        """A socket is signed in. The first one starts the watch."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._start(loop)
        self._people[_reader(socket)].add(socket)

    def leave(self, socket: Socket) -> None:
        """A socket is gone. The last one ends the watch."""
        for conversation in self._subscriptions.pop(socket.name, {}):
            self._discard(socket, conversation)
        here = self._people[_reader(socket)]
        here.discard(socket)
        if not here:
            del self._people[_reader(socket)]
        if not self._people:
            self._stop()

    def sockets_of(self, principal: Principal) -> int:
        """How many sockets this person has here."""
        return len(self._people.get((principal.tenant, principal.person.id), ()))

    @property
    def is_empty(self) -> bool:
        """Whether nobody is connected and nothing is watched."""
        return not (self._people or self._readers or self._subscriptions or self._watchers)

    def subscribe(self, socket: Socket, conversation: ConversationId, *, guest: bool) -> None:
        """From now on this socket sees what happens in the conversation. The caller has checked that it may.

        `guest`: it is somebody else's; whether it may still be read is looked up every second.
        """
        self._subscriptions[socket.name][conversation] = Since.now(guest=guest)
        self._readers[conversation].add(socket)

    def unsubscribe(self, socket: Socket, conversation: ConversationId) -> None:
        self._subscriptions.get(socket.name, {}).pop(conversation, None)  # it may have left meanwhile
        self._discard(socket, conversation)

    def _discard(self, socket: Socket, conversation: ConversationId) -> None:
        self._readers[conversation].discard(socket)
        if not self._readers[conversation]:
            del self._readers[conversation]

    # -- events

    def announce(self, event: Event) -> None:
        """Tell every socket that must hear of it, here and in other processes. Callable from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.spawn, self._tell(event))
        else:
            events.tell_others(event, self._boot)

    def opening(self, live: turns.LiveTurn, *, origin: str) -> None:
        """Tell the others as soon as the turn is on record, whether or not the socket that asked is still there."""
        self.spawn(self._opened(live, origin))

    async def _opened(self, live: turns.LiveTurn, origin: str) -> None:
        try:
            await live.accepted()
        except OpenRouteError:  # nothing is on record, and the asker is told by its own socket
            return
        chat, tenant, owner = live.request.chat, live.principal.tenant, live.principal.user
        assert chat is not None
        if chat.is_new:
            await self._tell(Changed(tenant, owner, chat.conversation, origin))
        await self._tell(Opened(tenant, owner, chat.conversation, live.turn, origin))

    async def _tell(self, event: Event) -> None:
        self.spawn(events.send(event, self._boot))
        await self._deliver(event)

    async def _deliver(self, event: Event) -> None:
        """Show the event to the sockets of this process that may see it."""
        match event:
            case Opened():
                if self._missed.is_first(event.turn):
                    readers = self._readers.get(event.conversation, ())
                    await self._show_turn(event, self._others(readers, event.origin))
            case Unshared():
                self._take_away(event)
            case Changed():
                await self._show_conversation(event)

    async def _show_conversation(self, event: Changed) -> None:
        here = self._people.get((event.tenant, event.owner))
        if not here:
            return
        others = self._others(here, event.origin)
        if not others:  # most people have one socket: the watch tells it within a second, and reads for all at once
            return
        shown = await in_db(watching.conversation, event.tenant, event.conversation)
        if shown is not None and self._announced.is_news(shown.record.id, shown.record.updated_at):
            self._tell_conversation(shown, others)

    def _tell_conversation(self, shown: Shown, owners: Iterable[Socket]) -> None:
        _offer(owners, [wire.conversation(shown.record, shared=shown.shared)])
        for reader in shown.readers:
            sockets = self._people.get((shown.tenant, reader), ())
            _offer(sockets, [wire.conversation(shown.record, is_own=False, shared=True)])
        labels = [wire.label(shown.record.id, message, label) for message, label in shown.labels]
        _offer(self._readers.get(shown.record.id, ()), labels)

    def _take_away(self, event: Unshared) -> None:
        for user in event.users:
            for socket in list(self._people.get((event.tenant, user), ())):
                socket.withdraw(event.conversation)

    async def _show_turn(self, event: Opened, sockets: list[Socket]) -> None:
        if not sockets:
            return
        stored = await in_db(selectors.of_turn, tenant=event.tenant, user=event.owner, turn=event.turn)
        frames = [wire.message(record) for record in stored]
        frames += wire.labels(record for record in stored if record.label.must_stay_inside)
        _offer(sockets, frames)
        for socket in sockets:
            socket.follow(event.turn, at=0, seq=0, within=event.conversation)

    @staticmethod
    def _others(sockets: Iterable[Socket], origin: str) -> list[Socket]:
        return [socket for socket in sockets if socket.name != origin]

    # -- the watch

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._people.clear()
        self._readers.clear()
        self._subscriptions.clear()
        self._missed, self._announced = Missed(), Announced()
        self._loop, self._started_at = loop, clock.now()
        self._seen_until = self._started_at
        self._watchers = (loop.create_task(self._watch()), loop.create_task(self._listen()))

    def _stop(self) -> None:
        for task in self._watchers:
            task.cancel()
        self._loop, self._watchers = None, ()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("hub.event_lost", error=type(error).__name__)

    async def _listen(self) -> None:
        """Events of other processes."""
        async for event in events.of_others(self._boot):
            self.spawn(self._deliver(event))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                self._cut_off_stuck()
                await self.recheck()
                await self.recheck_guests()
                await self.catch_up()
                await self.show_missed()
            except (DatabaseError, InterfaceError, OpenRouteError) as error:
                log.warning("hub.watch_failed", error=type(error).__name__)

    def _everybody(self) -> list[Socket]:
        return [socket for sockets in self._people.values() for socket in sockets]

    def _cut_off_stuck(self) -> None:
        now = asyncio.get_running_loop().time()
        for socket in self._everybody():
            if socket.stuck_since is not None and now - socket.stuck_since > STUCK_S:
                log.info("socket.cut_off", socket=socket.name, why="slow reader")
                socket.end(CLOSE_TOO_MANY)

    async def recheck(self) -> None:
        """End the sockets whose session or key ended: at once when rights changed, else every half minute (P02)."""
        now = asyncio.get_running_loop().time()
        due = []
        for socket in self._everybody():
            access = turns.access_version(socket.principal.tenant)
            if access != socket.access or now - socket.checked_at >= RECHECK_S:
                socket.access, socket.checked_at = access, now
                due.append(socket)
        if due:
            for socket, may_stay in zip(due, await in_db(watching.may_stay, [s.principal for s in due]), strict=True):
                if not may_stay:
                    socket.end(CLOSE_ENDED)

    async def recheck_guests(self) -> None:
        """Take conversations away from those who may not read them any more, whatever ended it (P02)."""
        guests = [
            (socket, conversation)
            for conversation, sockets in self._readers.items()
            for socket in sockets
            if (since := self._subscriptions[socket.name].get(conversation)) and since.guest
        ]
        if not guests:
            return
        reading = await in_db(watching.guests, {conversation for _, conversation in guests})
        for socket, conversation in guests:
            if socket.principal.person.id not in reading.get(conversation, ()):
                socket.withdraw(conversation)

    async def catch_up(self) -> None:
        """Announce what changed in the database and was not announced here."""
        since, self._seen_until = self._seen_until, max(self._started_at, clock.now() - OVERLAP)
        found, drafts = await in_db(watching.changed, since, tuple(self._people))
        for shown in found:
            if self._announced.is_news(shown.record.id, shown.record.updated_at):
                self._tell_conversation(shown, self._people.get((shown.tenant, shown.record.owner), ()))
        for tenant, draft in drafts:
            if self._announced.is_news((draft.owner, draft.conversation), draft.updated_at):
                _offer(self._people.get((tenant, draft.owner), ()), [wire.draft(draft)])
        self._announced.forget(since)

    async def show_missed(self) -> None:
        """Show what other processes were asked in the conversations that are open here, where no event told of it."""
        for news in await self._missed.look(tuple(self._readers)):
            where = news.event.conversation
            readers = list(self._readers.get(where, ()))
            late = [one for one in readers if news.is_new_to(self._subscriptions[one.name].get(where))]
            await self._show_turn(news.event, late)


HUB: Final = Hub()


def announce(event: Event) -> None:
    """See `Hub.announce`."""
    HUB.announce(event)


def _reader(socket: Socket) -> Reader:
    return socket.principal.tenant, socket.principal.person.id


def _offer(sockets: Iterable[Socket], frames: Sequence[str]) -> None:
    for socket in list(sockets):  # who is cut off leaves the set
        for frame in frames:
            socket.offer(frame)
