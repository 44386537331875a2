import io
import re
import socket

import pytest
from django.core.management.base import CommandError

from apps.operations.management.commands import up


class TestListen:
    def test_says_in_one_sentence_that_the_port_is_busy_and_what_to_do(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as busy:
            port = busy.getsockname()[1]
            with pytest.raises(CommandError, match=re.escape(f"make run PORT={port + 1}")):
                up._listen("127.0.0.1", port)

    def test_gives_a_socket_that_web_processes_can_share(self) -> None:
        with up._listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
            connection, _ = listener.accept()
            connection.close()


class TestDemoPort:
    def test_is_the_configured_one_when_it_is_free(self, settings: pytest.FixtureRequest) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            free = probe.getsockname()[1]
        settings.DEMO_MODELS_PORT = free  # type: ignore[attr-defined]

        assert up._demo_port() == free

    def test_is_another_one_when_that_is_busy(self, settings: pytest.FixtureRequest) -> None:
        with socket.create_server(("127.0.0.1", 0)) as busy:
            settings.DEMO_MODELS_PORT = busy.getsockname()[1]  # type: ignore[attr-defined]

            assert up._demo_port() != busy.getsockname()[1]


class TestWebProcesses:
    def test_are_one_by_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("WEB_PROCESSES", raising=False)

        assert up._web_processes() == 1

    def test_are_not_several_on_sqlite(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WEB_PROCESSES", "2")

        with pytest.raises(CommandError, match="PostgreSQL"):
            up._web_processes()


class TestPrograms:
    def test_are_drained_from_the_door_inwards(self) -> None:
        names = [program.name for program in up._programs(3, 2, 8100)]

        assert names == ["web", "web1", "worker", "beat", "demo"]

    def test_share_the_listening_socket_among_the_web_processes(self) -> None:
        programs = up._programs(3, 2, 0)

        assert [program.pass_fds for program in programs] == [(3,), (3,), (), ()]

    def test_add_up_the_metrics_of_several_web_processes(self) -> None:
        assert "PROMETHEUS_MULTIPROC_DIR" in up._programs(3, 2, 0)[0].environment
        assert up._programs(3, 1, 0)[0].environment == {}


class TestWelcome:
    def test_ends_with_the_address_and_the_sign_ins(self) -> None:
        lines = up._welcome(8001, "acme erin@acme.example\n").splitlines()

        assert lines[1:] == [
            "OpenRoute is ready: http://localhost:8001",
            "acme erin@acme.example",
            "Ctrl-C stops everything.",
        ]


class TestConsole:
    def test_prints_each_line_under_the_name_of_its_program(self) -> None:
        out = io.StringIO()
        console = up.Console(out, awaited={})
        console.say("web", "started")
        console.say("web", "  ")

        assert out.getvalue() == "web    | started\n"

    def test_notices_when_everything_that_it_waits_for_is_up(self) -> None:
        console = up.Console(io.StringIO(), awaited={"worker": "ready."})
        console.say("worker", "starting")
        console.say("web", "ready.")

        assert not console.heard_all()

        console.say("worker", "celery@host ready.")

        assert console.heard_all()

    def test_knows_the_words_of_uvicorn_and_celery(self) -> None:
        console = up.Console(io.StringIO(), awaited=up.AWAITED)
        console.say("web", "04:49:04 info     uvicorn.error: Application startup complete.")
        console.say("worker", "04:49:04 info     celery.apps.worker: celery@vm ready.")

        assert console.heard_all()

    def test_does_not_wait_for_a_line_that_a_quiet_log_swallows(self) -> None:
        assert up.Console(io.StringIO(), awaited={"worker": "ready."}, patience_s=-1).heard_all()
