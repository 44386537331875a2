"""Websockets of many people that each ask, read a long answer at 20 tokens a second, and ask again.

Each person has `PER_PERSON` sockets. The first questions are spread evenly over the length of an answer, so that in the
measured seconds questions, ends of answers and tokens come evenly, as from people who do not know of each other.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from tests.benchmarks.installation import HALF, LONG, Company
from tests.benchmarks.load import Load, at
from tests.benchmarks.options import difference, measured_s
from tests.benchmarks.rig import Measured, Rig, same_text
from tests.benchmarks.tables import Cell

PATH = "/ws/v1/chat"
FRAMES_PER_S = 20
PER_PERSON = 2
LIMIT_MS = 100.0
OPENING_S = 8
"""How long a thousand people take to come, where only a tenth of them asks."""
COLUMNS = (
    "sockets", "people", "gap p50 ms", "gap p99 ms", "must", "lag p99 ms", "first token p50 ms", "p99 ms", "asks/s",
    "delivered", "cpu of 1", "PostgreSQL's", "client's", "errors",
)  # fmt: skip
OPEN_COLUMNS = (
    "processes", "sockets open", "streams", "asks/s", "first token p50 ms", "p95 ms", "direct p95", "added p95", "must",
    "gap p99 ms", "cpu of 1", "PostgreSQL's", "client's", "errors",
)  # fmt: skip

_runs = itertools.count(1)


def company(sockets: int, people: int | None = None) -> Company:
    """The one that can hold so many sockets. Half as many people as sockets, unless told."""
    return Company("bench", people=people or math.ceil(sockets / PER_PERSON))


def _people_of(firm: Company, sockets: int) -> Company:
    """As many of its people as so many sockets need, the first ones."""
    return replace(firm, people=min(firm.people, math.ceil(sockets / PER_PERSON)))


def ask(model: str) -> str:
    """One `ask`. Its id is the client's, and must be new each time; the conversation is a new one."""
    run = next(_runs)
    frame = {
        "type": "ask",
        "id": f"00000000-0000-4000-8000-{run:04}{{SEQ}}",
        "conversation": None,
        "model": model,
        "text": f"Question {run}-{{SEQ}}: what do the rivers of this region carry?",
    }
    return orjson.dumps(frame).decode()


def _load(model: str, sockets: int, *, opening_s: int, seconds: int, asking: int | None = None) -> Load:
    return Load(
        "ws", "", ask(model), sockets, seconds=seconds, warm_up_s=opening_s + 1, ramp_ms=1000 * opening_s,
        ends_with='"type":"completed"', fails_with='"detail":', asking=asking,
    )  # fmt: skip


def steady(rig: Rig, firm: Company, levels: Sequence[int]) -> Iterator[list[Cell]]:
    """All sockets stream. Ends with the first level whose p99 gap passes 100 ms."""
    for sockets in levels:
        opening_s = math.ceil(rig.frames / FRAMES_PER_S)
        load = _load(LONG, sockets, opening_s=opening_s, seconds=measured_s(3))
        people = _people_of(firm, sockets)
        found = rig.through(load, (people,), path=PATH)
        seen, gap = found.seen, at(found.seen, "gap", "p99")
        delivered = 100 * seen["tokens_s"] / (sockets * FRAMES_PER_S)
        yield [
            sockets, people.people, at(seen, "gap", "p50"), gap, f"{LIMIT_MS:.0f}", at(seen, "lag", "p99"),
            at(seen, "ttft", "p50"), at(seen, "ttft", "p99"), seen["asked_s"], f"{delivered:.0f} %",
            *_processors(found), seen["errors"],
        ]  # fmt: skip
        if gap is None or gap > LIMIT_MS:
            return


def mostly_open(rig: Rig, firm: Company, sockets: int, streams: int, counts: Sequence[int]) -> Iterator[list[Cell]]:
    """Most people have the page open, some ask: the first token against the same streams without the installation."""
    body = orjson.dumps({"model": HALF, "stream": True, "messages": [{"role": "user", "content": same_text()}]})
    alone = Load("sse", "", body.decode(), streams, seconds=measured_s(2), warm_up_s=6, ramp_ms=5000)
    direct = rig.direct(alone, HALF)
    for count in counts:
        rig.server.serve(count)
        rig.warm_up()
        load = _load(HALF, sockets, opening_s=OPENING_S, seconds=measured_s(4), asking=streams)
        found = rig.through(load, (firm,), path=PATH)
        seen, p95 = found.seen, at(direct, "ttft", "p95")
        yield [
            count, seen["open"], streams, seen["asked_s"], at(seen, "ttft", "p50"), at(seen, "ttft", "p95"), p95,
            difference(at(seen, "ttft", "p95"), p95), "+500", at(seen, "gap", "p99"), *_processors(found),
            seen["errors"],
        ]  # fmt: skip


def _processors(found: Measured) -> list[Cell]:
    return [found.ours_of_1, found.database_of_1, found.seen["client"]]
