"""`.ci/prepare.py`: what a fresh machine is told, and when a step is skipped."""

import importlib.util
import socket
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[3] / ".ci" / "prepare.py"


@pytest.fixture
def prepare(tmp_path: Path) -> ModuleType:
    """The script, in a checkout of its own without anything installed."""
    spec = importlib.util.spec_from_file_location("prepare", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT, module.FRONTEND, module.VENV = tmp_path, tmp_path / "frontend", tmp_path / ".venv"
    module.PYTHON = module.VENV / "bin" / "python"
    return module


@pytest.fixture
def ran(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were run, instead of running them."""
    steps: list[str] = []

    def note(command: list[object], what: str, **options: object) -> None:
        steps.append(what)
        if what == "npm ci":
            (prepare.FRONTEND / "node_modules").mkdir(exist_ok=True)
        if what == "build the frontend":
            (prepare.FRONTEND / "dist").mkdir(exist_ok=True)
        if what == "create .venv":
            prepare.PYTHON.parent.mkdir(parents=True)
            prepare.PYTHON.touch()

    monkeypatch.setattr(prepare, "run", note)
    monkeypatch.setattr(prepare, "check_node", lambda: "v20.0.0")
    return steps


def write(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class TestWhatIsMissing:
    def test_is_the_venv_module(self, prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prepare.importlib.util, "find_spec", lambda name: None)

        with pytest.raises(prepare.Missing, match="apt-get install python3-venv"):
            prepare.create_venv(None)

    def test_is_node(self, prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prepare.shutil, "which", lambda name: None)

        with pytest.raises(prepare.Missing, match="apt-get install nodejs npm"):
            prepare.check_node()

    @pytest.mark.parametrize("there", [{"redis-server"}, {"initdb"}, set()])
    def test_is_a_service_for_tests(
        self, prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: set[str]
    ) -> None:
        monkeypatch.setattr(prepare, "POSTGRES", tmp_path)
        monkeypatch.setattr(prepare.shutil, "which", lambda name: name if name in there else None)

        with pytest.raises(prepare.Missing, match="apt-get install postgresql redis-server"):
            prepare.check_services()

    def test_is_no_service_where_debian_keeps_postgresql_out_of_the_path(
        self, prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        write(tmp_path / "15" / "bin" / "initdb")
        monkeypatch.setattr(prepare, "POSTGRES", tmp_path)
        monkeypatch.setattr(prepare.shutil, "which", lambda name: "redis-server" if name == "redis-server" else None)

        prepare.check_services()

    def test_is_a_compiler_when_an_installation_failed(
        self, prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise prepare.Missing("install base.txt failed; the lines above say why.")

        write(tmp_path / "requirements" / "base.txt")
        monkeypatch.setattr(prepare, "run", fail)
        monkeypatch.setattr(prepare, "create_venv", lambda uv: None)
        monkeypatch.setattr(prepare.shutil, "which", lambda name: None)

        with pytest.raises(prepare.Missing, match="apt-get install build-essential"):
            prepare.install("base")

    def test_is_a_free_port(self, prepare: ModuleType) -> None:
        with socket.create_server(("127.0.0.1", 0)) as busy, pytest.raises(prepare.Missing, match="make run PORT="):
            prepare.check_port(busy.getsockname()[1])


class TestPackages:
    def test_are_installed_once_per_lock(self, prepare: ModuleType, ran: list[str], tmp_path: Path) -> None:
        lock = tmp_path / "requirements" / "base.txt"
        write(lock, "django==5.2")
        for _ in range(3):
            prepare.install("base")

        assert ran == ["create .venv", "install base.txt", "compile packages"]

        write(lock, "django==5.2.1")
        prepare.install("base")

        assert ran[3:] == ["install base.txt", "compile packages"]

    def test_of_development_contain_the_others(self, prepare: ModuleType, ran: list[str], tmp_path: Path) -> None:
        write(tmp_path / "requirements" / "base.txt")
        write(tmp_path / "requirements" / "dev.txt")
        prepare.install("dev")
        prepare.install("base")

        assert ran == ["create .venv", "install dev.txt", "compile packages"]


class TestTheFrontend:
    def test_may_be_absent(self, prepare: ModuleType, ran: list[str]) -> None:
        prepare.build_frontend()

        assert ran == []

    def test_is_built_again_only_when_a_source_changes(
        self, prepare: ModuleType, ran: list[str], tmp_path: Path
    ) -> None:
        for name in ("package.json", "package-lock.json", "src/main.tsx"):
            write(tmp_path / "frontend" / name)
        for _ in range(3):
            prepare.build_frontend()

        assert ran == ["npm ci", "build the frontend", "compress the frontend"]

        write(tmp_path / "frontend" / "src" / "main.tsx", "changed")
        prepare.build_frontend()

        assert ran[3:] == ["build the frontend", "compress the frontend"]
