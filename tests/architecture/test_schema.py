"""A live route that is missing from the OpenAPI schema is a defect: clients are generated from it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

METHODS = {"get", "put", "post", "delete", "patch"}


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[str]:
    """Each route of Django as the schema writes it: `/api/v1/turns/{turn}/`. Not the client-side routes."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif pattern.name != "frontend":
            yield path


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema()["paths"].items():
        yield from ((f"{method} {path}", item[method]) for method in METHODS & item.keys())


class TestTheSchema:
    def test_is_valid_openapi(self) -> None:
        validate_schema(schema())

    def test_names_every_live_route(self) -> None:
        found = set(routes())

        assert "/api/v1/me/" in found
        assert found - schema()["paths"].keys() == set()

    def test_names_the_developer_api(self) -> None:
        assert {"/v1/models", "/v1/chat/completions"} <= schema()["paths"].keys()

    def test_gives_each_operation_a_name_of_its_own(self) -> None:
        names = [operation["operationId"] for _, operation in operations()]

        assert len(names) == len(set(names))

    def test_calls_no_operation_after_its_address_or_by_a_number(self) -> None:
        names = [operation["operationId"] for name, operation in operations() if " /api/" in name]

        assert [name for name in names if re.search(r"^v\d|_partial_update$|_destroy$|_\d+$", name)] == []

    def test_tells_the_errors_of_each_operation_of_the_rest_api(self) -> None:
        silent = [
            name
            for name, operation in operations()
            if " /api/v1/" in name and not {"400", "401", "403", "404", "429", "503"} <= operation["responses"].keys()
        ]

        assert silent == []

    def test_lets_no_operation_under_api_go_without_a_proof(self) -> None:
        assert [name for name, operation in operations() if " /api/" in name and not operation.get("security")] == []
