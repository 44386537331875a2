"""The same load through other gateways, beside OpenRoute on PostgreSQL in the same run, as multiples of LiteLLM.

    PEERS=1 python -m tests.benchmarks.bench_peers [--only answers,streams,paced]

LiteLLM and Portkey are installed once in a scratch folder outside the repository (`peers.py`). They neither scan for
private text nor reserve budgets nor keep a durable record; OpenRoute does all of it meanwhile. One worker each.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks import peers, processes
from tests.benchmarks.installation import BURST, HOT, PACED, PLAIN, question, upstreams
from tests.benchmarks.load import Load, Result, at
from tests.benchmarks.options import add_only, difference, measured_s, quotient
from tests.benchmarks.peers import Peer, PeerMissing
from tests.benchmarks.postgres_load import MUST_FIRST_TOKEN
from tests.benchmarks.rig import Rig, new_text, running, same_text, services
from tests.benchmarks.tables import Cell, machine, table
from tests.support.services import ServiceMissing

OURS, OURS_SCANNED, DIRECT = "OpenRoute, verdict known", "OpenRoute, new text", "direct"
WHOLE_COLUMNS = (
    "target", "at once", "answers/s", "x LiteLLM", "must", "p50 ms", "p99 ms", "cpu ms/answer", "memory MB",
    "client's cpu", "errors",
)  # fmt: skip
STREAM_COLUMNS = (
    "target", "at once", "tokens/s", "x LiteLLM", "must", "of the direct call", "added first token p50 ms", "p99 ms",
    "must", "cpu µs/token", "memory MB", "client's cpu", "errors",
)  # fmt: skip
MUST_ANSWERS = {OURS: ">= 6 / 15", OURS_SCANNED: ">= 3 / 6"}
MUST_TOKENS = ">= 15 / 50"
WARM_UP_ANSWERS_S = 3


@dataclass(frozen=True, slots=True)
class Target:
    """`run` performs a load there; `pid` is whose processor time counts, None: nobody's."""

    name: str
    run: Callable[[Load, str], Result]
    pid: int | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of load, `levels` of it at once; URL, body and number of connections are still to be filled in."""

    title: str
    model: str
    levels: tuple[int, ...]
    load: Load

    @property
    def is_whole(self) -> bool:
        """Whether the answer comes at once, not as a stream."""
        return self.load.mode == "http"


def _kinds() -> Mapping[str, Kind]:
    paced = Load("sse", "", "", 1, seconds=measured_s(2), warm_up_s=3, ramp_ms=2000)
    plain, burst = Load("http", "", "", 1), Load("sse", "", "", 1, seconds=measured_s(2))
    return {
        "answers": Kind("Whole answers, 400 characters, 20 tokens", PLAIN, (16, 64), plain),
        "streams": Kind("Burst streams, 50 tokens", BURST, (16, 64), burst),
        "paced": Kind("Paced streams, 20 tokens/s each", PACED, (16, 256), paced),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = _kinds()
    add_only(parser, kinds)
    asked = parser.parse_args()
    if os.environ.get("PEERS") != "1":
        print("peers: SKIPPED: nobody asked for them (PEERS=1 make bench installs LiteLLM and Portkey beside).")
        return
    try:
        with ExitStack() as stack:
            rig = _ours(stack)
            targets = list(_targets(stack, rig))
            print(f"peers: {machine()}; {measured_s()} s a load, one worker each", flush=True)
            for name in asked.only:
                kind = kinds[name]
                columns = WHOLE_COLUMNS if kind.is_whole else STREAM_COLUMNS
                table(f"{kind.title} (must / ambitious)", columns, _rows(kind, targets))
    except ServiceMissing as missing:
        print(f"peers: SKIPPED: {missing}")


def _ours(stack: ExitStack) -> Rig:
    cluster, variables = stack.enter_context(services())
    rig = stack.enter_context(running(environment=variables, database=cluster.pid))
    rig.warm_up()
    return rig


def _targets(stack: ExitStack, rig: Rig) -> Iterator[Target]:
    """Direct first, LiteLLM second: the others are told as multiples of it."""
    folder, base_url = rig.tools.folder, rig.provider.base_url
    yield Target(DIRECT, lambda load, model: rig.direct(load, model), None)
    makers: list[Callable[[], Peer]] = [
        lambda: peers.litellm(folder, base_url, keys=False),
        lambda: peers.litellm(folder, base_url, keys=True),
        lambda: peers.portkey(folder, base_url),
    ]
    for make in makers:
        try:
            yield _peer_target(stack, rig, make(), folder)
        except PeerMissing as missing:
            print(f"peers: SKIPPED: {missing}")
    for name in (OURS, OURS_SCANNED):
        yield Target(name, lambda load, _: rig.through(load, (HOT,)).seen, rig.server.pids[0])


def _peer_target(stack: ExitStack, rig: Rig, peer: Peer, folder: Path) -> Target:
    pid = stack.enter_context(peers.started(peer, folder))
    names = upstreams(rig.frames)

    def run(load: Load, model: str) -> Result:
        body = load.body.replace(f'"{model}"', f'"{names[model]}"')
        found = rig.tools.run(replace(load, url=peer.url, headers=peer.headers, body=body))
        processes.settle([pid])
        return found

    warm = Load("http", "", question(PLAIN, same_text(), stream=False), 4, seconds=WARM_UP_ANSWERS_S, warm_up_s=0)
    run(warm, PLAIN)
    return Target(peer.name, run, pid)


def _rows(kind: Kind, targets: list[Target]) -> Iterator[list[Cell]]:
    for level in kind.levels:
        alone: Result = {}
        reference: Result = {}
        for target in targets:
            if target.name == OURS_SCANNED and not kind.is_whole:
                continue  # what a scan costs does not depend on how the answer comes
            text = new_text() if target.name == OURS_SCANNED else same_text()
            load = replace(kind.load, concurrency=level, body=question(kind.model, text, stream=not kind.is_whole))
            before = processes.cpu_s(target.pid) if target.pid else 0.0
            found = target.run(load, kind.model)
            used = processes.cpu_s(target.pid) - before if target.pid else None
            alone, reference = alone or found, reference or (found if target.pid else {})
            if kind.is_whole:
                yield [target.name, level, *_whole(target, found, reference, used)]
            else:
                yield [target.name, level, *_stream(kind, target, load, found, alone, reference, used)]


def _whole(target: Target, found: Result, reference: Result, used_s: float | None) -> list[Cell]:
    """`reference`: what LiteLLM did."""
    return [
        found["rps"], quotient(found["rps"], reference.get("rps")), MUST_ANSWERS.get(target.name),
        at(found, "lat", "p50"), at(found, "lat", "p99"),
        None if used_s is None else 1000 * used_s / max(1, found["all"]), *_rest(target, found),
    ]  # fmt: skip


def _stream(
    kind: Kind, target: Target, load: Load, found: Result, alone: Result, reference: Result, used_s: float | None
) -> list[Cell]:
    """`alone`: what the direct call did; `reference`: what LiteLLM did."""
    p50, p99 = (difference(at(found, "ttft", part), at(alone, "ttft", part)) for part in ("p50", "p99"))
    is_ours, is_paced = target.name == OURS, kind.model == PACED
    tokens = found["tokens_s"] * (load.seconds + load.warm_up_s)
    return [
        found["tokens_s"], quotient(found["tokens_s"], reference.get("tokens_s")),
        MUST_TOKENS if is_ours and not is_paced else None,
        f"{100 * (quotient(found['tokens_s'], alone['tokens_s']) or 0.0):.0f} %" if is_paced else None, p50, p99,
        MUST_FIRST_TOKEN.get(load.concurrency) if is_ours and is_paced else None,
        None if used_s is None else 1e6 * used_s / max(1, tokens), *_rest(target, found),
    ]  # fmt: skip


def _rest(target: Target, found: Result) -> list[Cell]:
    memory = processes.resident_mb(target.pid) if target.pid else None
    return [memory, found["client"], found["errors"]]


if __name__ == "__main__":
    main()
