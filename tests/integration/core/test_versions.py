"""A version is bumped in the transaction of its change, and the others are told once that is committed."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.core import db, hints, versions
from apps.domain.ids import TenantId

pytestmark = pytest.mark.django_db
ACME = TenantId(7)

Told = list[tuple[str, dict[str, Any], bool]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    seen: Told = []

    def publish(topic: str, body: dict[str, Any], *, here: bool = False) -> None:
        seen.append((topic, body, here))

    monkeypatch.setattr(hints, "publish", publish)
    return seen


class TestBump:
    def test_tells_every_process_after_the_commit_and_names_nobody(
        self, told: Told, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        with django_capture_on_commit_callbacks() as committed:
            assert versions.bump(tenant=ACME) == 1
            assert versions.bump(tenant=ACME) == 2
        assert told == []
        for callback in committed:
            callback()

        assert told == [(versions.LOOK, {}, True)] * 2

    def test_tells_nobody_of_what_was_rolled_back(
        self, told: Told, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        def fail() -> None:
            with db.atomic():
                versions.bump(tenant=ACME)
                raise ZeroDivisionError

        with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
            fail()

        assert told == []
        assert versions.current(tenant=ACME) == 0
