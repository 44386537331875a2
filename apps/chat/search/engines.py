"""The two databases' full-text indexes over the same folded words, and all SQL that knows of them.

SQLite: an FTS5 table over `SearchEntry.words`, kept by triggers, so that whoever writes an entry writes the index with
it. Its tokenizer is `ascii`: the words are folded and separated already, and it takes every other character for a part
of a word, where `unicode61` knows only the letters of Unicode 6. PostgreSQL: a generated `tsvector` column with a GIN
index. Neither costs the writer a statement more than the entry itself.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.chat.search.query import Phrase, Query

MERGED_PAGES: Final = 256
"""Pages of 4 kB that SQLite's index writes in one step: some ten milliseconds."""

Condition = tuple[str, list[Any]]
"""SQL that is true or false, and its parameters."""


class Engine(Protocol):
    """One database's index. Entries are called `chat_searchentry`, conversations `chat_conversation`."""

    def install(self) -> tuple[str, ...]:
        """Statements that make the index of an existing table of entries; they may be repeated."""
        ...

    def remove(self) -> tuple[str, ...]:
        """Statements that undo `install`."""
        ...

    def first(self, query: Query, tenant: int, limit: int) -> Condition:
        """SELECT of (id, conversation, message) of at most `limit` entries of a tenant that match, in any order."""
        ...

    def holds(self, query: Query) -> Condition:
        """Whether any entry of the row `chat_conversation` at hand matches."""
        ...

    def forget(self, connection: BaseDatabaseWrapper, *, is_first: bool) -> bool:
        """One short step on the way to an index whose own files hold no word of a removed entry.

        Returns whether there is more to do. `is_first` begins anew.
        """
        ...


class _Sqlite:
    def install(self) -> tuple[str, ...]:
        remove = "INSERT INTO chat_searchindex(chat_searchindex, rowid, words) VALUES ('delete', old.id, old.words);"
        insert = "INSERT INTO chat_searchindex(rowid, words) VALUES (new.id, new.words);"
        return (
            "CREATE VIRTUAL TABLE IF NOT EXISTS chat_searchindex USING fts5("
            "words, content='chat_searchentry', content_rowid='id', columnsize=0, prefix='2 3', tokenize='ascii')",
            f"CREATE TRIGGER IF NOT EXISTS chat_search_insert AFTER INSERT ON chat_searchentry BEGIN {insert} END",
            f"CREATE TRIGGER IF NOT EXISTS chat_search_delete AFTER DELETE ON chat_searchentry BEGIN {remove} END",
            "CREATE TRIGGER IF NOT EXISTS chat_search_update AFTER UPDATE OF id, words ON chat_searchentry"
            f" BEGIN {remove} {insert} END",
        )

    def remove(self) -> tuple[str, ...]:
        triggers = (f"DROP TRIGGER IF EXISTS chat_search_{event}" for event in ("insert", "delete", "update"))
        return (*triggers, "DROP TABLE IF EXISTS chat_searchindex")

    def first(self, query: Query, tenant: int, limit: int) -> Condition:
        # CROSS JOIN keeps the order: the index first, which stops at the limit.
        sql = (
            "SELECT entry.id, entry.conversation_id, entry.message_id FROM chat_searchindex CROSS JOIN chat_searchentry"
            " entry ON entry.id = chat_searchindex.rowid WHERE chat_searchindex MATCH %s AND entry.tenant_id = %s"
            " LIMIT %s"
        )
        return sql, [self._match(query), tenant, limit]

    def holds(self, query: Query) -> Condition:
        # The list is made once for a statement. Without the `+`, each conversation would be looked for in all of it.
        sql = (
            "EXISTS (SELECT 1 FROM chat_searchentry entry WHERE entry.conversation_id = chat_conversation.id"
            " AND +entry.id IN (SELECT rowid FROM chat_searchindex WHERE chat_searchindex MATCH %s))"
        )
        return sql, [self._match(query)]

    def forget(self, connection: BaseDatabaseWrapper, *, is_first: bool) -> bool:
        # FTS5's "merge" in steps: "optimize" would hold every writer up for seconds. It has changed fewer than two rows
        # when nothing was left to merge.
        before = connection.connection.total_changes
        with connection.cursor() as cursor:
            merge = "INSERT INTO chat_searchindex(chat_searchindex, rank) VALUES ('merge', %s)"
            cursor.execute(merge, [-MERGED_PAGES if is_first else MERGED_PAGES])
        return bool(connection.connection.total_changes - before >= 2)

    @staticmethod
    def _match(query: Query) -> str:
        return " AND ".join(f'"{" ".join(phrase.words)}"{" *" if phrase.is_begun else ""}' for phrase in query)


class _Postgres:
    def install(self) -> tuple[str, ...]:
        return (
            "ALTER TABLE chat_searchentry ADD COLUMN IF NOT EXISTS vector tsvector"
            " GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED",
            "CREATE INDEX IF NOT EXISTS chat_search_vector ON chat_searchentry USING gin (vector)",
        )

    def remove(self) -> tuple[str, ...]:
        return ("DROP INDEX IF EXISTS chat_search_vector", "ALTER TABLE chat_searchentry DROP COLUMN IF EXISTS vector")

    def first(self, query: Query, tenant: int, limit: int) -> Condition:
        sql = (
            "SELECT id, conversation_id, message_id FROM chat_searchentry"
            " WHERE vector @@ to_tsquery('simple', %s) AND tenant_id = %s LIMIT %s"
        )
        return sql, [self._query(query), tenant, limit]

    def holds(self, query: Query) -> Condition:
        # OFFSET 0 keeps the planner from reading every match first: here they are many, and a page needs few.
        sql = (
            "EXISTS (SELECT 1 FROM chat_searchentry entry WHERE entry.conversation_id = chat_conversation.id"
            " AND entry.vector @@ to_tsquery('simple', %s) OFFSET 0)"
        )
        return sql, [self._query(query)]

    def forget(self, connection: BaseDatabaseWrapper, *, is_first: bool) -> bool:
        return False  # its vacuum does, as for every table

    def _query(self, query: Query) -> str:
        return " & ".join(self._phrase(phrase) for phrase in query)

    @staticmethod
    def _phrase(phrase: Phrase) -> str:
        *before, last = (f"'{word}'" for word in phrase.words)
        return f"({' <-> '.join([*before, f'{last}:*' if phrase.is_begun else last])})"


_ENGINES: Final[Mapping[str, Engine]] = {"sqlite": _Sqlite(), "postgresql": _Postgres()}


def engine(connection: BaseDatabaseWrapper) -> Engine:
    """The index of this connection's database."""
    return _ENGINES[connection.vendor]
