"""Server-sent events (WHATWG HTML, section 9.2.6) from bytes, one batch per socket read.

Events are split on bytes, so a character that two reads share is never decoded in halves. The work is linear in the
bytes received, however small the pieces in which a hostile sender delivers them.
"""


class EventTooLarge(ValueError):
    """One event is longer than the bound: the sender is broken or hostile."""


class EventSplitter:
    """Collects bytes and gives back the `data` of every event that is complete. Names, ids and comments are dropped."""

    def __init__(self, *, max_event_bytes: int = 1 << 20) -> None:
        self._max = max_event_bytes
        self._line: list[bytes] = []  # pieces of the line that is not complete yet
        self._data: list[bytes] = []  # data lines of the event that is not complete yet
        self._size = 0
        self._held = b""

    def feed(self, received: bytes) -> list[bytes]:
        """The data of all events that `received` completes, in order; an event without data gives nothing.

        Raises:
            EventTooLarge: what is kept of one unfinished event passes the bound.
        """
        if not self._size and not self._held and len(received) <= self._max:
            events = _whole_events(received)
            if events is not None:
                return events
        return self._by_line(received)

    def _by_line(self, received: bytes) -> list[bytes]:
        events: list[bytes] = []
        *lines, rest = self._normalised(received).split(b"\n")
        for line in lines:
            self._end_of_line(line, events)
        if rest:
            self._line.append(rest)
            self._grow(len(rest))
        return events

    def _end_of_line(self, last_piece: bytes, events: list[bytes]) -> None:
        line = b"".join([*self._line, last_piece]) if self._line else last_piece
        self._size -= len(line) - len(last_piece)
        self._line = []
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
            self._data, self._size = [], 0
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            value = value.removeprefix(b" ")
            self._data.append(value)
            self._grow(len(value) + 1)

    def _grow(self, count: int) -> None:
        self._size += count
        if self._size > self._max:
            raise EventTooLarge

    def _normalised(self, received: bytes) -> bytes:
        """All line ends as LF. A CR at the very end is held back: its LF may come with the next read."""
        received = self._held + received
        self._held = b""
        if b"\r" not in received:
            return received
        if received.endswith(b"\r"):
            self._held, received = b"\r", received[:-1]
        return received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _whole_events(received: bytes) -> list[bytes] | None:
    """The data, when these bytes are nothing but whole one-line events, as providers send them; else None."""
    if not received.startswith(b"data: ") or not received.endswith(b"\n\n") or b"\r" in received:
        return None
    events = received[6:-2].split(b"\n\ndata: ")
    return events if received.count(b"\n") == 2 * len(events) else None
