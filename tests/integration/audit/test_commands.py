"""`audit_export` and `audit_verify`, as an operator and an auditor run them."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.audit import receipts, selectors
from apps.domain.ids import INSTALLATION, TenantId
from tests.support.audit import record
from tests.support.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db


class TestAuditExport:
    def test_writes_what_audit_verify_accepts(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        company = TenantFactory(slug="acme")
        record(3, tenant=TenantId(company.pk))

        call_command("audit_export", "--tenant", "acme", "--out", str(tmp_path / "out"))
        key = selectors.status(TenantId(company.pk)).public_key
        call_command("audit_verify", str(tmp_path / "out"), "--public-key", key)

        printed = capsys.readouterr().out
        assert f"--public-key {key}" in printed
        assert printed.splitlines()[-1].startswith(f"INTACT: tenant {company.pk}, entries 1 to 4")

    def test_exports_the_installation(self, tmp_path: Path) -> None:
        record(1, tenant=INSTALLATION)

        call_command("audit_export", "--installation", "--out", str(tmp_path / "out"))
        call_command("audit_verify", str(tmp_path / "out"))

    def test_of_an_unknown_company_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="no company with the short name nobody"):
            call_command("audit_export", "--tenant", "nobody", "--out", str(tmp_path / "out"))

    def test_into_a_used_folder_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_text("here")
        with pytest.raises(CommandError, match="is not empty"):
            call_command("audit_export", "--installation", "--out", str(tmp_path))


class TestAuditVerify:
    def test_exits_with_1_when_something_was_changed(self, tmp_path: Path) -> None:
        record(2, tenant=INSTALLATION)
        call_command("audit_export", "--installation", "--out", str(tmp_path / "out"))
        events = tmp_path / "out" / "events-000001.jsonl"
        events.write_text(events.read_text().replace("user:5", "user:6"))

        with pytest.raises(SystemExit) as caught:
            call_command("audit_verify", str(tmp_path / "out"))

        assert caught.value.code == 1

    def test_exits_with_2_when_there_is_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(SystemExit) as caught:
            call_command("audit_verify", str(tmp_path))

        assert caught.value.code == 2

    def test_asks_for_something_to_verify(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            call_command("audit_verify")

        assert caught.value.code == 2
        assert "--receipt FILE" in capsys.readouterr().out

    def test_checks_a_receipt_on_its_own(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("audit_verify", "--receipt", str(_receipt(tmp_path, {"model": "small"})))

        assert capsys.readouterr().out == "RECEIPT GENUINE\n"

    def test_finds_a_receipt_that_was_changed(self, tmp_path: Path) -> None:
        path = _receipt(tmp_path, {"model": "small"})
        path.write_text(path.read_text().replace("small", "large"))

        with pytest.raises(SystemExit) as caught:
            call_command("audit_verify", "--receipt", str(path))

        assert caught.value.code == 1


def _receipt(folder: Path, record: dict[str, Any]) -> Path:
    path = folder / "receipt.json"
    path.write_text(json.dumps(receipts.sign(record)))
    return path
