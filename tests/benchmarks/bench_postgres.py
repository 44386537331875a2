"""The same installation on PostgreSQL and Redis, both started here and gone afterwards: what a company runs.

    python -m tests.benchmarks.bench_postgres [--only answers,streams,paced,sockets,open,flood,writer]
    BENCH_SECONDS=1 python -m tests.benchmarks.bench_postgres --only answers      # one table in about a minute

PostgreSQL waits for the disk (fsync and synchronous_commit on). Everything stands beside the direct call to the
provider in the same run. Processor times are believed first: ours and PostgreSQL's (all processes of the cluster) per
answer; rates last, for provider, client, database and web processes share this machine.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from psycopg import sql

from tests.benchmarks import flood, postgres_load, socket_load
from tests.benchmarks.flood import LIMITED
from tests.benchmarks.installation import FRAMES, Company
from tests.benchmarks.options import DEFAULT_S, add_only, measured_s, numbers
from tests.benchmarks.postgres_load import MANY
from tests.benchmarks.rig import Rig, running, services
from tests.benchmarks.tables import machine, table
from tests.support.services import DATABASE, PostgresCluster, ServiceMissing

OPEN_SOCKETS, OPEN_STREAMS = 1000, 100


@dataclass(frozen=True, slots=True)
class Run:
    """What the tables are made of. `firm` holds the people of the sockets."""

    rig: Rig
    firm: Company
    sockets: list[int]
    variables: Mapping[str, str]


def _answers(run: Run) -> None:
    title = "Whole answers, 400 characters, 20 tokens (must / ambitious at 64; 1 tenant: one chain for all)"
    table(title, postgres_load.ANSWER_COLUMNS, postgres_load.answers(run.rig))


def _streams(run: Run) -> None:
    title = "Burst streams, 50 tokens (closed loop: from 16 at once the first token waits for a processor)"
    table(title, postgres_load.STREAM_COLUMNS, postgres_load.streams(run.rig))


def _paced(run: Run) -> None:
    title = "Paced streams, 20 tokens/s each, 40 tokens"
    table(title, postgres_load.PACED_COLUMNS, postgres_load.paced(run.rig))


def _sockets(run: Run) -> None:
    run.rig.server.serve(1)
    run.rig.warm_up()
    title = f"Websockets at 20 tokens/s, answers of {run.rig.frames} tokens, one worker (must: 500 sockets / 900)"
    table(title, socket_load.COLUMNS, socket_load.steady(run.rig, run.firm, run.sockets))


def _open(run: Run) -> None:
    title = f"{OPEN_SOCKETS:,} open websockets of {run.firm.people} people, {OPEN_STREAMS} of them ask (100 tokens)"
    counts = postgres_load.process_counts(run.rig)
    rows = socket_load.mostly_open(run.rig, run.firm, OPEN_SOCKETS, OPEN_STREAMS, counts)
    table(title, socket_load.OPEN_COLUMNS, rows)


def _flood(run: Run) -> None:
    flood.measure(run.rig)


def _writer(run: Run) -> None:
    """In a process of its own, for it is the writer itself, with settings and a database of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_writer", "--turns", str(1000 * measured_s())]
    sys.stdout.flush()
    subprocess.run(command, env={**os.environ, **run.variables}, check=True)


TABLES: Mapping[str, Callable[[Run], None]] = {
    "answers": _answers,
    "streams": _streams,
    "paced": _paced,
    "sockets": _sockets,
    "open": _open,
    "flood": _flood,
    "writer": _writer,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_only(parser, TABLES)
    parser.add_argument("--sockets", type=numbers, default=[500, 900])
    parser.add_argument("--people", type=int, help="whose sockets they are; half as many as sockets, unless told")
    shorter = min(1.0, measured_s() / DEFAULT_S)
    parser.add_argument("--frames", type=int, default=int(FRAMES * shorter), help="tokens of a long answer")
    asked = parser.parse_args()
    try:
        with services() as (cluster, variables):
            _print(cluster, variables, asked)
    except ServiceMissing as missing:
        print(f"postgres: SKIPPED: {missing}")


def _print(cluster: PostgresCluster, variables: Mapping[str, str], asked: argparse.Namespace) -> None:
    firm = socket_load.company(max(OPEN_SOCKETS, *asked.sockets), asked.people)
    print(f"postgres: {machine()}; PostgreSQL with fsync, Redis; {measured_s()} s a load", flush=True)
    start = partial(running, (firm, *MANY, LIMITED), frames=asked.frames)
    with start(environment=variables, database=cluster.pid) as rig:
        rig.warm_up()
        cluster.execute(sql.SQL("ANALYZE"), database=DATABASE)  # as autovacuum does where it is used for a minute
        for name in asked.only:
            TABLES[name](Run(rig, firm, asked.sockets, variables))
        if rig.server.pids:
            print(f"\nmemory of the largest worker: {rig.server.resident_mb():.0f} MB (must: 260 / 180)")


if __name__ == "__main__":
    main()
