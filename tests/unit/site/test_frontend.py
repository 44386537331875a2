from pathlib import Path
from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from openroute_site import frontend


@pytest.fixture
def dist(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.FRONTEND_DIST = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def ask(*, signed_in: bool = True) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=signed_in)  # type: ignore[assignment]
    return request


class TestIndex:
    def test_is_kept_by_nobody_and_brings_the_csrf_token(self, dist: Path) -> None:
        (dist / "index.html").write_text("page")

        reply = frontend.index(ask())

        assert "no-store" in reply.headers["Cache-Control"]
        assert "csrftoken" in reply.cookies

    def test_shows_a_new_build_without_a_restart(self, dist: Path) -> None:
        (dist / "index.html").write_text("old")
        frontend.index(ask())
        (dist / "index.html").write_text("new")

        assert frontend.index(ask()).content == b"new"

    def test_says_so_when_nothing_is_built(self, dist: Path) -> None:
        reply = frontend.index(ask())

        assert reply.status_code == 503
        assert b"make run" in reply.content

    def test_is_for_people_who_are_signed_in(self, dist: Path) -> None:
        assert frontend.index(ask(signed_in=False)).headers["Location"] == "/accounts/"


class TestRoutes:
    @pytest.mark.parametrize("path", ["/", "/c/0193-ab", "/admin/models/gpt-4.1", "/apiary", "/accountsx"])
    def test_of_the_client_lead_to_the_page(self, path: str) -> None:
        assert resolve(path).url_name == "frontend"

    @pytest.mark.parametrize(
        "path", ["/api/x", "/v1/x", "/ws/x", "/assets/x.js", "/robots.txt", "/static/x", "/scim/v2"]
    )
    def test_of_other_surfaces_do_not(self, path: str) -> None:
        with pytest.raises(Resolver404):
            resolve(path)
