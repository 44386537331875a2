"""The one transaction of the house: hooks before the commit, savepoints, and nothing without a record."""

import pytest

from apps.core import db, versions
from apps.core.models import Version
from apps.domain.ids import TenantId

ACME = TenantId(1)

pytestmark = pytest.mark.django_db


class TestBeforeCommit:
    def test_runs_hooks_as_the_last_statements_of_the_outermost_block(self) -> None:
        seen: list[str] = []
        with db.atomic():
            db.before_commit(lambda: seen.append("hook"))
            with db.atomic():
                seen.append("inner")
            seen.append("outer")

        assert seen == ["inner", "outer", "hook"]

    def test_a_failing_hook_undoes_the_act(self) -> None:
        def fail() -> None:
            raise RuntimeError("the trail cannot be written")

        def act() -> None:
            with db.atomic():
                versions.bump(tenant=ACME)
                db.before_commit(fail)

        with pytest.raises(RuntimeError, match="trail"):
            act()

        assert not Version.objects.exists()

    def test_forgets_hooks_of_an_inner_block_that_was_undone(self) -> None:
        seen: list[str] = []

        def undone() -> None:
            with db.atomic():
                db.before_commit(lambda: seen.append("undone"))
                raise ValueError("undone")

        with db.atomic():
            db.before_commit(lambda: seen.append("kept"))
            with pytest.raises(ValueError, match="undone"):
                undone()

        assert seen == ["kept"]

    def test_a_hook_outside_a_transaction_is_an_error(self) -> None:
        with pytest.raises(RuntimeError):
            db.before_commit(lambda: None)


class TestVersions:
    def test_counts_per_tenant_and_kind(self) -> None:
        versions.bump(tenant=ACME)
        versions.bump(tenant=ACME)
        versions.bump(tenant=TenantId(2), kind="access")

        assert versions.everything() == {(1, "config"): 2, (2, "access"): 1}
