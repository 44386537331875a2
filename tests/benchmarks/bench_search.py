"""How fast lists and the search answer one person who has 100,000 conversations of four messages.

    python -m tests.benchmarks.bench_search [--conversations 100000] [--only sqlite,postgres] [--plans]

Through the web API, in one process, on SQLite and on a PostgreSQL that is started here. Some of the answers end the
memory of the operating system's caches, none is the first. `--plans` prints how the databases find the lists' rows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from tests.benchmarks.options import add_only
from tests.benchmarks.tables import machine
from tests.support import databases
from tests.support.services import PostgresCluster, ServiceMissing

DATABASES = ("sqlite", "postgres")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    add_only(parser, DATABASES)
    asked = parser.parse_args()
    if asked.here:
        _measure(asked.conversations, plans=asked.plans)
        return
    print(f"search: {machine()}", flush=True)
    options = ["--conversations", str(asked.conversations), *(["--plans"] if asked.plans else [])]
    for name in asked.only:
        with tempfile.TemporaryDirectory(prefix="openroute-bench-") as folder:
            base = {**os.environ, "STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.test"}
            base.pop("DATABASE_URL", None)
            if name == "sqlite":
                _run(options, {**base, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"})
            else:
                _on_postgres(options, base)


def _on_postgres(options: list[str], base: Mapping[str, str]) -> None:
    try:
        with PostgresCluster() as cluster:
            url, owner_url = cluster.url, cluster.owner_url
            variables = {**base, "DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url}
            databases.migrate(variables)
            _run(options, variables)
    except ServiceMissing as missing:
        print(f"postgres: SKIPPED: {missing}")


def _run(options: list[str], variables: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_search", "--here", *options], env=variables, check=True
    )


def _measure(conversations: int, *, plans: bool) -> None:
    import django  # which database it is must stand in the environment first

    django.setup()
    from tests.benchmarks import search_load

    search_load.measure(conversations, plans=plans)


if __name__ == "__main__":
    main()
