"""Two web processes of one installation on one PostgreSQL and one Redis, and a Redis that is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.support import databases
from tests.support.server import RealServer
from tests.support.services import RedisServer
from tests.support.stores import PostgresStore


class Installation:
    """The processes `one` and `other`, each with an address of its own. `database` is made for them and removed."""

    def __init__(self, folder: Path, *, config: str, redis: RedisServer, database: str) -> None:
        self._database = database
        store = PostgresStore(databases.create(database))
        self.one = RealServer(folder / "one", config=config, environment={"REDIS_URL": redis.url}, store=store)
        state = {"REDIS_URL": redis.url, "STATE_DIR": str(folder / "one" / "state")}
        self.other = RealServer(folder / "other", config=config, environment=state, store=store)
        self.other.folder.mkdir(parents=True)

    def __enter__(self) -> Self:
        self.one.__enter__()
        self.other.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.other.stop()
        self.one.__exit__()
        databases.drop(self._database)


@contextmanager
def away(redis: RedisServer, how: str) -> Iterator[None]:
    """Redis is `dead` (connections end, none is taken) or `hangs` (connections stay, nothing answers)."""
    redis.kill() if how == "dead" else redis.pause()
    try:
        yield
    finally:
        redis.start() if how == "dead" else redis.resume()
