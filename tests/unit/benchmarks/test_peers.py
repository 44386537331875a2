"""Peers are measured only where somebody asks for them, and get nothing that they could call outside with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from tests.benchmarks import bench_peers, bench_postgres, peers
from tests.support.services import ServiceMissing


@contextmanager
def missing() -> Iterator[None]:
    """As `services` where PostgreSQL is not installed."""
    raise ServiceMissing("PostgreSQL's server is missing. Install it: apt-get install postgresql")
    yield


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scratch folder where both are installed already."""
    monkeypatch.setenv("OPENROUTE_BENCH_PEERS", str(tmp_path / "peers"))
    for name in (f"litellm-{peers.LITELLM}", f"portkey-{peers.PORTKEY}"):
        (tmp_path / "peers" / name).mkdir(parents=True)
        (tmp_path / "peers" / name / "installed").touch()
    return tmp_path


class TestSkipping:
    def test_says_in_one_sentence_that_nobody_asked_for_peers(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("PEERS", raising=False)
        monkeypatch.setattr("sys.argv", ["bench_peers"])

        bench_peers.main()

        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("peers: SKIPPED: nobody asked for them")

    def test_says_in_one_sentence_that_postgresql_is_missing(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(bench_postgres, "services", missing)
        monkeypatch.setattr("sys.argv", ["bench_postgres"])

        bench_postgres.main()

        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("postgres: SKIPPED: PostgreSQL's server is missing. Install it")


class TestLiteLlm:
    def test_asks_the_fake_provider_only(self, scratch: Path) -> None:
        peer = peers.litellm(scratch, "http://127.0.0.1:9/v1", keys=False)

        configuration = orjson.loads((scratch / "litellm" / "config.yaml").read_bytes())
        (model,) = configuration["model_list"]
        assert model["litellm_params"]["api_base"] == "http://127.0.0.1:9/v1"
        assert configuration["litellm_settings"]["telemetry"] is False
        assert peer.command[-2:] == ["--num_workers", "1"]

    def test_looks_keys_up_where_that_is_wanted(self, scratch: Path) -> None:
        peer = peers.litellm(scratch, "http://127.0.0.1:9/v1", keys=True)

        program = (scratch / "litellm-keys" / "own_keys.py").read_text()
        assert f'"{peers.MASTER_KEY}"' in program
        compile(program, "own_keys.py", "exec")
        assert peer.headers == (f"Authorization: Bearer {peers.MASTER_KEY}",)


class TestPortkey:
    @pytest.mark.skipif(not shutil.which("npm"), reason="Portkey needs Node.")
    def test_is_told_the_fake_provider_in_headers(self, scratch: Path) -> None:
        peer = peers.portkey(scratch, "http://127.0.0.1:9/v1")

        assert "x-portkey-custom-host: http://127.0.0.1:9/v1" in peer.headers

    def test_needs_node(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(scratch))

        with pytest.raises(peers.PeerMissing, match="apt-get install nodejs npm"):
            peers.portkey(scratch, "http://127.0.0.1:9/v1")


class TestStarting:
    def test_hides_keys_and_stores_of_this_environment(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
        monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/db")
        peer = peers.Peer("env", 1, ["/bin/sh", "-c", "env; exit 3"], "/", ())

        with pytest.raises(peers.PeerMissing, match="env did not start"), peers.started(peer, scratch):
            pytest.fail("it cannot have become ready")

        log = (scratch / "peer-1.log").read_text()
        assert "PATH=" in log
        assert "sk-real" not in log
        assert "DATABASE_URL" not in log
