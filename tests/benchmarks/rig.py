"""A running installation with its provider and its client: the same load through it and past it, and what each cost."""

import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.benchmarks import processes
from tests.benchmarks.installation import FRAMES, HOT, PLAIN, Company, Installation, config, question, upstreams
from tests.benchmarks.load import Load, Provider, Result, Tools
from tests.support.services import PostgresCluster, RedisServer

PATH = "/chat/completions"
TEXT = "Question {SEQ}: please tell me about the rivers and mountains of the region, in a few words. " * 4
KNOWN, NEW = "known", "new text"

_runs = itertools.count(1)


def same_text() -> str:
    """400 characters whose verdict is known after the first question."""
    return TEXT.replace("{SEQ}", "00000000")


def new_text() -> str:
    """As long a text that no question had before: the client counts from one in each run."""
    return TEXT.replace("{SEQ}", f"{next(_runs)}-{{SEQ}}")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the client saw, and the processor seconds of everybody meanwhile, warm-up included."""

    seen: Result
    wall_s: float
    ours_s: tuple[float, ...]
    """Of each web process."""
    database_s: float | None

    @property
    def answers(self) -> int:
        """All that were given, warm-up included; at least one, so that figures per answer exist."""
        return max(1, int(self.seen["all"]))

    @property
    def ours_ms(self) -> float:
        """Our processor milliseconds per answer."""
        return 1000 * sum(self.ours_s) / self.answers

    @property
    def database_ms(self) -> float | None:
        """PostgreSQL's processor milliseconds per answer, all its processes; None on SQLite, which is part of ours."""
        return None if self.database_s is None else 1000 * self.database_s / self.answers

    @property
    def ours_of_1(self) -> float:
        """The part of one processor that all web processes used."""
        return sum(self.ours_s) / self.wall_s

    @property
    def database_of_1(self) -> float | None:
        return None if self.database_s is None else self.database_s / self.wall_s

    @property
    def shares(self) -> str:
        """How the work fell to the web processes, in percent: they take connections from one common socket."""
        whole = sum(self.ours_s) or 1.0
        return " / ".join(f"{100 * part / whole:.0f}" for part in self.ours_s)


@dataclass
class Rig:
    """`database`: the main process of PostgreSQL, where there is one."""

    tools: Tools
    provider: Provider
    server: Installation
    frames: int = FRAMES
    database: int | None = None
    _keys: dict[tuple[str, ...], Path] = field(default_factory=dict)

    def through(self, load: Load, companies: Sequence[Company] = (HOT,), *, path: str = f"/v1{PATH}") -> Measured:
        """Run a load against the installation, its connections spread over the keys of the companies."""
        load = replace(load, url=f"{self.server.url}{path}", headers_file=self.keys(companies))
        return self.measured(load)

    def measured(self, load: Load) -> Measured:
        """Run a load as it stands, with the processor time that the installation used meanwhile."""
        ours, database, began = self.server.cpu_s(), self._database_s(), time.monotonic()
        seen = self.tools.run(load)
        after, database_after, ended = self.server.cpu_s(), self._database_s(), time.monotonic()
        processes.settle(self.server.pids)
        return Measured(
            seen,
            ended - began,
            tuple(late - early for late, early in zip(after, ours, strict=True)),
            None if database is None or database_after is None else database_after - database,
        )

    def direct(self, load: Load, model: str) -> Result:
        """The same load without the installation."""
        body = load.body.replace(f'"{model}"', f'"{upstreams(self.frames)[model]}"')
        return self.tools.run(replace(load, url=f"{self.provider.base_url}{PATH}", body=body))

    def keys(self, companies: Sequence[Company]) -> Path:
        """A file with the header of each key of these companies: one of each company first, then the next of each."""
        rows = itertools.zip_longest(*(company.keys for company in companies))
        headers = tuple(f"Authorization: Bearer {key}" for row in rows for key in row if key)
        return self.header_file(headers)

    def header_file(self, headers: tuple[str, ...]) -> Path:
        """A file with these lines."""
        if headers not in self._keys:
            self._keys[headers] = self.tools.folder / f"headers-{len(self._keys)}"
            self._keys[headers].write_text("".join(f"{header}\n" for header in headers))
        return self._keys[headers]

    def warm_up(self, companies: Sequence[Company] = (HOT,)) -> None:
        """Let caches and pools fill, so that the first row of a table is like the others."""
        for text in (new_text(), same_text()):
            load = Load("http", "", question(PLAIN, text, stream=False), max(16, len(companies)), seconds=1)
            self.through(load, companies)

    def _database_s(self) -> float | None:
        return None if self.database is None else processes.cpu_s(self.database)


@contextmanager
def services() -> Iterator[tuple[PostgresCluster, Mapping[str, str]]]:
    """PostgreSQL, which waits for the disk, and Redis, with the variables that name them.

    Raises `ServiceMissing` where a program is not installed.
    """
    with PostgresCluster(fsync=True) as cluster, RedisServer() as redis:
        variables = {"DATABASE_URL": cluster.url, "DATABASE_OWNER_URL": cluster.owner_url, "REDIS_URL": redis.url}
        yield cluster, variables


@contextmanager
def running(
    companies: Sequence[Company] = (HOT,),
    *,
    frames: int = FRAMES,
    environment: Mapping[str, str] | None = None,
    database: int | None = None,
) -> Iterator[Rig]:
    """Provider, server and client; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="openroute-bench-") as name:
        folder = Path(name)
        tools = Tools(folder)
        with tools.provider() as provider:
            settings = config(provider.base_url, companies, frames=frames)
            with Installation(folder / "server", config=settings, environment=environment) as server:
                yield Rig(tools, provider, server, frames, database)
