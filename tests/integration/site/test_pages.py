"""Files and pages come through one ASGI application, with the same guards on both."""

import asyncio
import threading
from pathlib import Path

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse

from openroute_site.pages import Pages

FILE = "/mark.svg"


async def asked(pages: Pages, path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET."""
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80), "http_version": "1.1",
    }  # fmt: skip
    client = ApplicationCommunicator(pages, scope)
    await client.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await client.receive_output(30)
    body, more = b"", True
    while more:
        piece = await client.receive_output(30)
        body, more = body + piece.get("body", b""), piece.get("more_body", False)
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, body


@pytest.fixture
def pages(settings: LazySettings, tmp_path: Path) -> Pages:
    (tmp_path / "mark.svg").write_text("<svg/>")
    settings.SERVESTATIC_ROOT = tmp_path
    return Pages()


class TestAFile:
    async def test_is_sent_with_the_guards_of_a_page(self, pages: Pages) -> None:
        status, headers, body = await asked(pages, FILE)

        assert (status, body) == (200, b"<svg/>")
        assert headers["content-type"] == "image/svg+xml"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src" in headers["content-security-policy"]

    async def test_that_is_not_there_is_a_page(self, pages: Pages) -> None:
        assert (await asked(pages, "/assets/gone-12345678.js"))[0] == 404


class TestAPage:
    async def test_has_a_thread_from_its_middleware_to_its_view(
        self, pages: Pages, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.OPENROUTE_INLINE = False
        ran_in: list[str] = []

        def get_response(request: HttpRequest) -> HttpResponse:
            ran_in.append(threading.current_thread().name)
            return HttpResponse(b"here")

        monkeypatch.setattr(pages, "get_response", get_response)

        assert (await asked(pages, "/anything"))[2] == b"here"
        assert ran_in[0].startswith("openroute-page")


class TestAProbe:
    async def test_is_answered_while_every_page_waits(
        self, pages: Pages, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.OPENROUTE_INLINE = False
        answered = threading.Event()

        def get_response(request: HttpRequest) -> HttpResponse:
            if request.path_info == "/slow":
                answered.wait(20)
            return HttpResponse(b"here")

        monkeypatch.setattr(pages, "get_response", get_response)
        waiting = [asyncio.ensure_future(asked(pages, "/slow")) for _ in range(settings.OPENROUTE_PAGE_THREADS + 2)]
        await asyncio.sleep(0.2)

        assert (await asked(pages, "/healthz"))[2] == b"here"
        assert not any(page.done() for page in waiting)
        answered.set()
        assert {status for status, _, _ in await asyncio.gather(*waiting)} == {200}
