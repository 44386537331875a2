"""Entries stand or fall with the act they record, and nobody can change them."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from apps.audit import selectors, services, tasks, triggers, verification
from apps.audit.models import AuditEvent, AuditHead, Checkpoint
from apps.audit.planning import AuditUnavailable
from apps.core import db, versions
from apps.core.models import Version
from apps.domain.ids import TenantId
from tests.support.audit import NOON, TENANT, record
from tests.support.two_logins import append_only_lifted, as_owner

pytestmark = pytest.mark.django_db
OTHER = TenantId(3)


def append(tenant: TenantId = TENANT, subject: str = "", **body: Any) -> None:
    services.append(tenant=tenant, kind="team.created", actor="user:1", subject=subject, body=body, at=NOON)


def subjects(tenant: TenantId = TENANT) -> list[str]:
    return list(AuditEvent.objects.for_tenant(tenant).order_by("seq").values_list("subject", flat=True))


class TestAppend:
    def test_needs_a_transaction(self) -> None:
        with pytest.raises(RuntimeError):
            append()

    def test_writes_as_the_last_statement(self) -> None:
        with db.atomic():
            append(subject="a")
            assert subjects() == []
            append(subject="b")

        assert subjects() == ["a", "b"]
        assert selectors.head(TENANT)[0] == 2

    def test_goes_with_the_savepoint_that_is_rolled_back(self) -> None:
        with db.atomic():
            append(subject="kept")
            with pytest.raises(ZeroDivisionError):
                _append_and_fail()
            append(subject="later")

        assert subjects() == ["kept", "later"]

    def test_of_a_failed_transaction_leaves_nothing_behind_for_the_next(self) -> None:
        with pytest.raises(ZeroDivisionError):
            _append_and_fail()
        with db.atomic():
            append(subject="next")

        assert subjects() == ["next"]

    def test_that_cannot_be_written_rolls_the_act_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "_write", _unavailable)

        with pytest.raises(AuditUnavailable):
            _change()

        assert not Version.objects.filter(tenant_id=TENANT).exists()

    def test_keeps_the_chains_of_tenants_apart(self) -> None:
        with db.atomic():
            append(OTHER, "o1")
            append(TENANT, "t1")
            append(OTHER, "o2")

        assert (subjects(OTHER), subjects(TENANT)) == (["o1", "o2"], ["t1"])
        assert services.verify(tenant=OTHER, actor="system", at=NOON).intact

    def test_by_a_hook_of_another_app_is_written_too(self) -> None:
        with db.atomic():
            append(subject="first")
            db.before_commit(lambda: append(subject="from a hook"))

        assert subjects() == ["first", "from a hook"]

    def test_costs_four_statements_however_many_entries(self, django_assert_num_queries: Any) -> None:
        services.create_head(TENANT)
        with django_assert_num_queries(5), db.atomic():  # savepoint and release of the test's own transaction included
            for number in range(20):
                append(subject=str(number))


def _unavailable(*_: Any) -> None:
    raise AuditUnavailable


def _append_and_fail() -> None:
    with db.atomic():
        append(subject="undone")
        raise ZeroDivisionError


def _change() -> None:
    with db.atomic():
        services.change(tenant=TENANT, kind="team.created", actor="user:1", body={}, at=NOON)


def _change_and_fail() -> None:
    _change()
    raise ZeroDivisionError


class TestChange:
    def test_bumps_the_version_and_lets_the_head_carry_it(self) -> None:
        for _ in range(2):
            _change()

        assert versions.current(tenant=TENANT) == selectors.version(TENANT) == 2

    def test_of_a_transaction_that_fails_changes_neither(self) -> None:
        with pytest.raises(ZeroDivisionError), db.atomic():
            _change_and_fail()

        assert versions.current(tenant=TENANT) == selectors.version(TENANT) == 0


CHANGES = [
    "UPDATE audit_auditevent SET kind = 'x'",
    "DELETE FROM audit_auditevent",
    "UPDATE audit_checkpoint SET seq = 9",
    "DELETE FROM audit_checkpoint",
]
ONLY_HERE = {
    "sqlite": [
        "INSERT OR REPLACE INTO audit_auditevent SELECT * FROM audit_auditevent",
        "REPLACE INTO audit_auditevent SELECT NULL, tenant_id, seq, format, at, kind, actor, subject, body, "
        "prev_hash, hash FROM audit_auditevent",
        "UPDATE OR REPLACE audit_auditevent SET seq = 9",
        "INSERT OR REPLACE INTO audit_checkpoint SELECT * FROM audit_checkpoint",
    ],
    "postgresql": [
        "TRUNCATE audit_auditevent",
        "TRUNCATE audit_checkpoint CASCADE",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_auditevent",
        "INSERT INTO audit_auditevent SELECT * FROM audit_auditevent ON CONFLICT (id) DO UPDATE SET kind = 'x'",
    ],
}


@pytest.mark.django_db(transaction=True)
class TestTheTriggers:
    @pytest.mark.parametrize("statement", CHANGES + ONLY_HERE[connection.vendor])
    def test_refuse_every_change(self, statement: str) -> None:
        record(1)
        services.checkpoint(TENANT, at=NOON)

        refused = pytest.raises(DatabaseError, match=r"append-only|permission denied to set parameter")
        with as_owner(), refused, db.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_are_checked_at_start(self) -> None:
        services.check_triggers()
        with append_only_lifted(), pytest.raises(triggers.TriggersMissing):
            services.check_triggers()
        services.check_triggers()

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps the text in a function")
    def test_with_another_text_count_as_missing(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER audit_auditevent_no_delete")
            cursor.execute(
                "CREATE TRIGGER audit_auditevent_no_delete BEFORE DELETE ON audit_auditevent WHEN 0 BEGIN SELECT 1; END"
            )

        assert triggers.missing() == ("audit_auditevent_no_delete",)
        triggers.install()


class TestCheckpoints:
    def test_are_made_once_per_end_and_kept_outside(self, anchors_folder: Path) -> None:
        record(3)

        assert tasks.checkpoint_all() == 1
        assert tasks.checkpoint_all() == 0
        assert (anchors_folder / f"{TENANT}.jsonl").read_text().count("\n") == 1

    @pytest.mark.django_db(transaction=True)
    def test_do_not_sign_what_was_tampered_with(self) -> None:
        record(3)
        with append_only_lifted():
            AuditEvent.objects.for_tenant(TENANT).filter(seq=2).update(actor="user:9")

        with pytest.raises(verification.ChainBroken):
            services.checkpoint(TENANT, at=NOON)
        assert not Checkpoint.objects.for_tenant(TENANT).exists()

    def test_survive_an_anchor_that_cannot_be_written(self, anchors_folder: Path) -> None:
        anchors_folder.parent.mkdir()
        anchors_folder.write_text("a file where the folder should be")
        record(1)

        assert services.checkpoint(TENANT, at=NOON)


class TestTheDailyVerification:
    def test_finds_an_intact_chain_intact_and_says_so_on_record(self) -> None:
        record(5)
        services.checkpoint(TENANT, at=NOON)

        assert tasks.verify_all() == 0
        assert selectors.status(TENANT).intact is True

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("found", ["changed_entry", "gap", "cut_tail", "cut_tail_and_checkpoints", "wrong_head"])
    def test_finds_what_the_owner_of_the_database_did(self, found: str) -> None:
        record(4)
        services.checkpoint(TENANT, at=NOON)
        record(2)
        rows = AuditEvent.objects.for_tenant(TENANT)
        with append_only_lifted():
            match found:
                case "changed_entry":
                    rows.filter(seq=3).update(body='{"number":99}')
                case "gap":
                    rows.filter(seq=2).delete()
                case "wrong_head":
                    AuditHead.objects.for_tenant(TENANT).update(seq=9)
                case _:
                    rows.filter(seq__gt=3).delete()
                    AuditHead.objects.for_tenant(TENANT).update(seq=3, hash=rows.get(seq=3).hash)
            if found == "cut_tail_and_checkpoints":  # only the copy outside tells
                Checkpoint.objects.for_tenant(TENANT).delete()

        report = verification.verify(TENANT)

        assert found.removesuffix("_and_checkpoints") in {problem.code for problem in report.problems}

    @pytest.mark.django_db(transaction=True)
    def test_raises_the_alarm_for_each_broken_chain(self) -> None:
        record(2)
        record(2, tenant=OTHER)
        with append_only_lifted():
            AuditEvent.objects.for_tenant(OTHER).filter(seq=1).update(kind="turn.failed")

        assert tasks.verify_all() == 1
        assert selectors.status(OTHER).intact is False
        assert selectors.status(OTHER).first_problem.startswith("entry ")
        assert selectors.status(TENANT).first_problem == ""
        assert selectors.status(TENANT).intact is True


class TestEvents:
    def test_come_newest_first_in_pages(self) -> None:
        record(5)

        first = selectors.events(tenant=TENANT, filters=selectors.Filters(), size=3)
        rest = selectors.events(tenant=TENANT, filters=selectors.Filters(), cursor=first.cursor, size=3)

        assert [entry.seq for entry in first.entries + rest.entries] == [5, 4, 3, 2, 1]
        assert rest.cursor is None

    def test_are_found_by_kind_noun_actor_and_subject(self) -> None:
        record(2)
        record(1, kind="turn.failed")
        with db.atomic():
            append(subject="team:1")

        def found(**filters: Any) -> list[int]:
            page = selectors.events(tenant=TENANT, filters=selectors.Filters(**filters))
            return [entry.seq for entry in page.entries]

        assert found(kind="turn.") == [3, 2, 1]
        assert found(kind="turn.failed") == [3]
        assert found(actor="user:1") == found(subject="team:1") == [4]
        assert found(until=NOON) == []

    def test_of_another_tenant_are_never_found(self) -> None:
        record(2, tenant=OTHER)

        assert selectors.events(tenant=TENANT, filters=selectors.Filters()).entries == ()
