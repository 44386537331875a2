"""An export convinces somebody who trusts the public key alone, and every change of it is found."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.audit import anchors, canonical, exporting, receipts, services, verifier
from apps.audit.chaincheck import Event, key_id
from tests.support.audit import NOON, TENANT, exported, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.fixture
def public_key(folder: Path) -> str:
    return exported(folder)


def verdict(folder: Path, public_key: str) -> bool:
    """Whether the verifier, trusting this key alone, finds the export intact."""
    return verifier.main([str(folder), "--public-key", public_key]) == 0


class TestAnExport:
    def test_is_intact(self, folder: Path, public_key: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert verdict(folder, public_key)
        assert capsys.readouterr().out.startswith("INTACT: tenant 7, entries 1 to 13, end ")

    def test_without_a_given_key_says_what_that_proves(
        self, folder: Path, public_key: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert verifier.main([str(folder)]) == 0
        assert "compare it with the published one" in capsys.readouterr().out

    def test_is_verified_without_django_or_a_database(self, folder: Path, public_key: str) -> None:
        program = (
            "import sys; from apps.audit import verifier; code = verifier.main(sys.argv[1:]);"
            "assert not {'django', 'sqlite3', 'socket'} & set(sys.modules), 'more than plain Python'; sys.exit(code)"
        )

        run = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False)

        assert run.returncode == 0, run.stderr

    def test_is_itself_on_record(self, folder: Path, public_key: str) -> None:
        last = (folder / "events-000001.jsonl").read_text().splitlines()[-1]

        assert (json.loads(last)["kind"], json.loads(last)["actor"]) == ("audit.exported", "operator:1")

    def test_is_cut_into_segments(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exporting, "SEGMENT", 5)

        assert verdict(folder, exported(folder))
        assert len(list(folder.glob("events-*.jsonl"))) == 3

    def test_does_not_overwrite(self, folder: Path, public_key: str) -> None:
        with pytest.raises(exporting.ExportRefused):
            services.export(tenant=TENANT, out_dir=folder, actor="system", at=NOON)

    def test_is_compared_with_the_copies_outside(self, folder: Path, public_key: str) -> None:
        record(1)
        services.checkpoint(TENANT, at=NOON)

        assert verifier.main([str(folder), "--anchors", str(anchors.path(TENANT))]) == 1  # the export is the older one

    def test_of_an_earlier_key_needs_both(self, folder: Path, settings: Any) -> None:
        old, new = ("Zg" + "A" * 41 + "=", "Zw" + "A" * 41 + "=")
        settings.AUDIT_SIGNING_KEY = old
        record(2)
        services.checkpoint(TENANT, at=NOON)
        settings.AUDIT_SIGNING_KEY = f"{new},{old}"
        key = services.export(tenant=TENANT, out_dir=folder, actor="system", at=NOON).public_key

        assert verifier.main([str(folder)]) == 0
        assert not verdict(folder, key)


class TestTheVerifier:
    @pytest.mark.parametrize("path", ["nothing", "."])
    def test_says_when_there_is_nothing_to_verify(
        self, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert verifier.main([str(tmp_path / path)]) == 2
        assert capsys.readouterr().out.startswith("NOT VERIFIED: ")

    def test_does_not_trust_another_key(self, folder: Path, public_key: str) -> None:
        other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()

        assert not verdict(folder, other)

    def test_refuses_what_is_no_key(self, folder: Path, public_key: str) -> None:
        assert verifier.main([str(folder), "--public-key", "zz"]) == 2

    def test_finds_a_chain_that_was_written_anew_under_a_foreign_key(self, folder: Path, public_key: str) -> None:
        forge(folder)

        assert verifier.main([str(folder)]) == 0  # all of it is consistent: only the published key tells
        assert not verdict(folder, public_key)

    def test_reads_no_file_outside_the_folder(self, folder: Path, public_key: str) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"]["../../etc/passwd"] = "0" * 64
        (folder / "manifest.json").write_text(canonical.render(manifest) + "\n")

        assert not verdict(folder, public_key)

    def test_withstands_deep_nesting(self, folder: Path, public_key: str) -> None:
        (folder / "manifest.json").write_text("[" * 100_000)

        assert not verdict(folder, public_key)


def forge(folder: Path) -> None:
    """Write another history and sign all of it with another key."""
    key = Ed25519PrivateKey.generate()
    name = key_id(key.public_key())
    previous, lines = canonical.GENESIS, []
    for line in (folder / "events-000001.jsonl").read_text().splitlines():
        fields = json.loads(line)
        event = Event(**fields | {"body": canonical.render(fields["body"]), "actor": "user:99", "prev_hash": previous})
        previous = canonical.digest(previous, event.statement())
        lines.append(event._replace(hash=previous).line())
    held = {"keys": [{"key_id": name, "public_key": key.public_key().public_bytes_raw().hex()}]}
    contents = {
        "events-000001.jsonl": "\n".join(lines) + "\n",
        "checkpoints.jsonl": "",
        "public_keys.json": canonical.render(held) + "\n",
    }
    manifest = json.loads((folder / "manifest.json").read_text())
    for file, text in contents.items():
        (folder / file).write_text(text)
        manifest["files"][file] = exporting.hashlib.sha256(text.encode()).hexdigest()
    manifest |= {"key_id": name, "head": {"seq": len(lines), "hash": previous}}
    manifest["signature"] = key.sign(canonical.manifest_text(manifest).encode()).hex()
    (folder / "manifest.json").write_text(canonical.render(manifest) + "\n")


EVENTS = "events-000001.jsonl"


def _swap(lines: list[str], one: int, other: int) -> list[str]:
    lines[one], lines[other] = lines[other], lines[one]
    return lines


Edit = Callable[[list[str], int], list[str]]
EDITS: dict[str, Edit] = {
    "remove": lambda lines, at: lines[:at] + lines[at + 1 :],
    "repeat": lambda lines, at: [*lines[: at + 1], lines[at], *lines[at + 1 :]],
    "swap": lambda lines, at: _swap(lines, at, (at + 1) % len(lines)),
    "cut the tail": lambda lines, at: lines[:at],
    "drop the head": lambda lines, at: lines[at + 1 :],
    "change": lambda lines, at: [*lines[:at], lines[at].replace("user:5", "user:6"), *lines[at + 1 :]],
    "blank": lambda lines, at: [*lines[:at], lines[at].replace(",", ", ", 1), *lines[at + 1 :]],
    "insert": lambda lines, at: [*lines[:at], lines[at].replace('"seq":', '"seq":1'), *lines[at:]],
}


@pytest.fixture
def restored(folder: Path, public_key: str, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy of the export for each example."""
    copy = tmp_path / "copy"

    def fresh() -> Path:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        return copy

    return fresh


RESTORED_PER_EXAMPLE = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


class TestEveryMutation:
    @RESTORED_PER_EXAMPLE
    @given(data=st.data())
    def test_of_any_byte_of_any_file_is_found(
        self, restored: Callable[[], Path], public_key: str, data: st.DataObject
    ) -> None:
        copy = restored()
        path = data.draw(st.sampled_from(sorted(copy.iterdir())))
        raw = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(raw) - 1))
        how = data.draw(st.sampled_from(["flip", "remove", "insert", "cut", "append"]))
        match how:
            case "flip":
                raw[at] ^= 1 << data.draw(st.integers(0, 7))
            case "remove":
                del raw[at]
            case "insert":
                raw.insert(at, data.draw(st.sampled_from(b" \n0a")))
            case "cut":
                del raw[at:]
            case _:
                raw += raw[at:]
        path.write_bytes(raw)

        assert not verdict(copy, public_key)

    @RESTORED_PER_EXAMPLE
    @given(edit=st.sampled_from(sorted(EDITS)), place=st.integers(0, 11), repaired=st.booleans())
    def test_of_the_entries_is_found_by_the_chain_alone(
        self, restored: Callable[[], Path], public_key: str, edit: str, place: int, repaired: bool
    ) -> None:
        """Somebody who has everything but the key: hashes of entries and files, and the head, fit what he wrote."""
        copy = restored()
        lines = (copy / EVENTS).read_text().splitlines()
        edited = EDITS[edit](list(lines), place)
        edited = rechained(edited) if repaired else edited
        assume(edited != lines)
        text = "".join(f"{line}\n" for line in edited)
        (copy / EVENTS).write_text(text)
        manifest = json.loads((copy / "manifest.json").read_text())
        manifest["files"][EVENTS] = exporting.hashlib.sha256(text.encode()).hexdigest()
        last = json.loads(edited[-1]) if edited else {"seq": 0, "hash": canonical.GENESIS}
        manifest["head"] = {"seq": last["seq"], "hash": last["hash"]}
        (copy / "manifest.json").write_text(canonical.render(manifest) + "\n")

        problems = verifier.verify(copy, pinned={key_id(key): key for key in [verifier.read_key(public_key)]}).problems

        assert [problem.code for problem in problems if problem.where != "manifest.json"]

    @pytest.mark.parametrize("name", [EVENTS, "checkpoints.jsonl", "public_keys.json", "README.md", "manifest.json"])
    def test_by_removing_a_file_is_found(self, folder: Path, public_key: str, name: str) -> None:
        (folder / name).unlink()

        assert not verdict(folder, public_key)

    def test_by_adding_a_file_is_found(self, folder: Path, public_key: str) -> None:
        (folder / "events-000002.jsonl").write_text("")

        assert not verdict(folder, public_key)


def rechained(lines: list[str]) -> list[str]:
    """What somebody does who knows the format but not the key: number and hash everything anew."""
    previous, found = canonical.GENESIS, []
    for seq, line in enumerate(lines, start=1):
        fields = json.loads(line)
        event = Event(**fields | {"body": canonical.render(fields["body"]), "seq": seq, "prev_hash": previous})
        previous = canonical.digest(previous, event.statement())
        found.append(event._replace(hash=previous).line())
    return found


class TestAReceipt:
    RECORD = {"id": "t1", "score": 0.25, "reasons": ["Es ist das günstigste."], "cost_micro_usd": 42}

    @pytest.fixture
    def receipt(self, tmp_path: Path) -> Path:
        path = tmp_path / "receipt.json"
        path.write_text(json.dumps(receipts.sign(self.RECORD), indent=2))
        return path

    def check(self, folder: Path, receipt: Path, public_key: str) -> int:
        return verifier.main([str(folder), "--receipt", str(receipt), "--public-key", public_key])

    def test_is_genuine(self, folder: Path, public_key: str, receipt: Path) -> None:
        assert self.check(folder, receipt, public_key) == 0

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("42", "41"), ("0.25", "0.26"), ("t1", "t2"), ('"signature": "', '"signature": "0'), ('"score"', '"Score"'),
            ('"record": {', '"record": {"id": "t1"}, "record": {'), ('"format": 1', '"format": 2'), ("{", "["),
        ],
    )  # fmt: skip
    def test_that_was_changed_is_not(
        self, folder: Path, public_key: str, receipt: Path, old: str, new: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        receipt.write_text(receipt.read_text().replace(old, new, 1))

        assert self.check(folder, receipt, public_key) == 1
        assert "RECEIPT NOT GENUINE" in capsys.readouterr().out
