"""The one connection that writes has a large page cache, the others a small one."""

import pytest
from django.db import connection
from pytest_django import Settings

from apps.core import page_cache, threads


def cache_kb() -> int:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        return -int(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has a page cache for each connection")
@pytest.mark.django_db(transaction=True)
async def test_only_the_writer_has_a_large_one(settings: Settings) -> None:
    settings.OPENROUTE_INLINE = False

    assert await threads.in_writer(cache_kb) == page_cache.WRITER_KB
    assert await threads.in_db(cache_kb) == 500
    threads.shutdown()
