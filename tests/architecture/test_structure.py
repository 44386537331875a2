"""The shape of the code: what ruff, mypy and import-linter cannot say."""

import ast
import textwrap
from collections.abc import Callable, Iterable

import pytest

from tests.architecture import lints
from tests.architecture.sources import Source, sources


def module(code: str, path: str = "apps/budgets/example.py") -> list[Source]:
    text = textwrap.dedent(code)
    return [Source(path, ast.parse(text), text.count("\n"))]


class TestTheProject:
    def test_has_no_function_longer_than_sixty_lines(self) -> None:
        assert lints.long_functions(sources()) == []

    def test_has_no_file_longer_than_three_hundred_lines(self) -> None:
        assert lints.long_files(sources()) == []

    def test_imports_at_the_top_of_a_module_only(self) -> None:
        assert lints.late_imports(sources()) == []

    def test_catches_only_what_it_can_answer(self) -> None:
        assert lints.broad_excepts(sources()) == []

    def test_opens_connections_only_where_the_egress_check_stands(self) -> None:
        assert lints.network_clients(sources()) == []

    def test_hands_work_to_threads_in_one_file(self) -> None:
        names = {"asgiref.sync.sync_to_async", "channels.db.database_sync_to_async", "sync_to_async"}

        assert lints.used_outside(sources(), names, ("apps/core/threads.py",)) == []

    def test_opens_transactions_in_one_file(self) -> None:
        names = {"transaction.atomic", "transaction.set_autocommit", "transaction.commit", "transaction.rollback"}

        assert lints.used_outside(sources(), names, ("apps/core/db.py",)) == []

    def test_never_goes_round_the_scope_of_tenants(self) -> None:
        assert lints.unscoped_queries(sources()) == []


LONG = "def f():\n" + "    x = 1\n" * 61
VIOLATIONS = [
    (lints.long_functions, LONG),
    (lints.late_imports, "def f():\n    import json"),
    (lints.late_imports, "async def f():\n    from json import loads"),
    (lints.broad_excepts, "try:\n    f()\nexcept Exception:\n    pass"),
    (lints.broad_excepts, "try:\n    f()\nexcept:\n    pass"),
    (lints.broad_excepts, "try:\n    f()\nexcept (ValueError, BaseException) as e:\n    print(e)"),
    (lints.network_clients, "import aiohttp"),
    (lints.network_clients, "from urllib.request import urlopen"),
    (lints.network_clients, "from google.cloud import firestore"),
    (lints.network_clients, "import socket"),
    (lints.unscoped_queries, "Team._base_manager.all()"),
]


class TestTheLints:
    @pytest.mark.parametrize(("lint", "code"), VIOLATIONS)
    def test_find_what_they_are_for(self, lint: Callable[[Iterable[Source]], list[str]], code: str) -> None:
        assert len(lint(module(code))) == 1

    @pytest.mark.parametrize(
        "code",
        [
            "from django.db import transaction\nwith transaction.atomic(): pass",
            "from django.db.transaction import atomic",
            "@transaction.atomic\ndef f(): pass",
        ],
    )
    def test_find_a_transaction_of_ones_own(self, code: str) -> None:
        assert len(lints.used_outside(module(code), {"transaction.atomic"}, ())) == 1

    def test_let_a_handler_clean_up_and_raise_again(self) -> None:
        assert lints.broad_excepts(module("try:\n    f()\nexcept BaseException:\n    undo()\n    raise")) == []

    def test_let_adapters_call_out(self) -> None:
        assert lints.network_clients(module("import aiohttp", "apps/providers/adapters/openai.py")) == []

    def test_do_not_take_a_socket_constant_of_ours_for_a_client(self) -> None:
        assert lints.network_clients(module("from apps.chat import sockets")) == []
