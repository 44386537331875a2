"""The splitter against a reading of the standard that is slow and obvious."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.providers.adapters._sse import EventSplitter, EventTooLarge

LINES = st.sampled_from(
    ["data: eins", "data:zwei", "data", "data:  drei ü🙂", ": note", "event: x", "id: 7", "retry: 1", ""]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def as_the_standard_says(stream: bytes) -> list[bytes]:
    """Decode everything at once, line by line."""
    events: list[bytes] = []
    data: list[str] = []
    for line in stream.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]:
        if not line:
            events += ["\n".join(data).encode()] if data else []
            data = []
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
    return events


class TestEventSplitter:
    @given(
        lines=st.lists(st.tuples(LINES, ENDS), max_size=30),
        cuts=st.lists(st.integers(0, 400), max_size=40),
    )
    def test_gives_the_same_events_however_the_bytes_are_cut(
        self, lines: list[tuple[str, str]], cuts: list[int]
    ) -> None:
        stream = ("".join(line + end for line, end in lines) + "\n\n").encode()
        borders = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
        splitter = EventSplitter()

        events = [event for start, end in pairwise(borders) for event in splitter.feed(stream[start:end])]

        assert events == as_the_standard_says(stream)

    def test_gives_all_events_of_one_read_as_one_batch(self) -> None:
        assert EventSplitter().feed(b"data: 1\n\ndata: 2\n\ndata: [DO") == [b"1", b"2"]

    def test_keeps_what_is_not_complete(self) -> None:
        splitter = EventSplitter()
        splitter.feed(b"data: \xc3")

        assert splitter.feed(b"\xbc\n\n") == ["ü".encode()]

    @pytest.mark.parametrize(
        "piece", [b"x" * 11, b"data: " + b"x" * 11, b"data: xxx\n", b"data: " + b"x" * 11 + b"\n\n"]
    )
    def test_gives_up_on_an_event_without_end(self, piece: bytes) -> None:
        splitter = EventSplitter(max_event_bytes=10)

        with pytest.raises(EventTooLarge):
            _ = [splitter.feed(piece) for _ in range(5)]

    def test_lets_comments_pass_for_ever(self) -> None:
        splitter = EventSplitter(max_event_bytes=100)

        assert [splitter.feed(b": keep-alive\n\n") for _ in range(100)] == [[]] * 100
