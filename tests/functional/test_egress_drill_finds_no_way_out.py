"""`manage.py egress_drill` on an installation as it is: nothing private gets out, and the report can be trusted."""

import json
from pathlib import Path

import pytest

from apps.operations.drill.running import PROBES
from tests.functional.companies import SEALED
from tests.support.server import RealServer
from tests.support.upstream import Upstream
from tests.support.world import configuration

pytestmark = [pytest.mark.server, pytest.mark.any_store, pytest.mark.timeout(300)]


def test_under_the_rules_of_a_company(tmp_path: Path, outside: Upstream, inside: Upstream) -> None:
    config = configuration(SEALED, outside=outside.base_url, inside=inside.base_url)
    server = RealServer(tmp_path / "server", config=config)
    server.folder.mkdir()
    server.prepare()
    report, trail = tmp_path / "report.json", tmp_path / "trail"

    printed = server.manage("egress_drill", "--tenant", SEALED.slug, "--out", str(report), timeout_s=240)
    record = json.loads(report.read_text())["record"]

    assert (record["passed"], record["leaked"]) == (True, 0), printed
    assert [probe["probe"] for probe in record["probes"]] == [probe.name for probe in PROBES]
    assert record["canaries"] > 100
    assert "RECEIPT GENUINE" in server.manage("audit_verify", "--receipt", str(report))

    server.manage("audit_export", "--tenant", SEALED.slug, "--out", str(trail))
    assert "INTACT: " in server.manage("audit_verify", str(trail))
    entries = [json.loads(line) for file in trail.glob("*.jsonl") for line in file.read_text().splitlines()]
    (drilled,) = [entry["body"] for entry in entries if entry.get("kind") == "egress.drilled"]
    assert (drilled["passed"], drilled["canaries"], drilled["failed"]) == (True, record["canaries"], [])

    report.write_text(report.read_text().replace('"leaked": 0', '"leaked": 1', 1))
    assert "RECEIPT GENUINE" not in server.manage("audit_verify", "--receipt", str(report), check=False)
    assert outside.requests == []
    assert server.rows("select name from providers_provider where name like 'egress-drill%'") == []
    assert [row["state"] for row in server.rows("select state from tenants_tenant where slug = 'egress-drill'")] == [
        "suspended"
    ]
    assert "checks passed" in server.manage("verify_stores")
