"""Files over a real server: what is read of them, where they may go, and that a hostile one hurts nobody."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from apps.chat.attachments import limits
from tests.functional.companies import HOLLOW, SEALED, SIGHTED
from tests.support import files
from tests.support.journeys import Browser, Socket, iban, of_type
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.upstream import Upstream
from tests.support.world import Company

pytestmark = [pytest.mark.server, pytest.mark.any_store]
PATH = "/api/v1/attachments/"


def by_key(server: RealServer, company: Company = SIGHTED, who: str = "erin") -> httpx.Client:
    headers = {"Authorization": f"Bearer {company.key(who)}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60)


def upload(client: httpx.Client, data: bytes, name: str, **headers: str) -> httpx.Response:
    return client.post(PATH, files={"file": (name, data, "application/octet-stream")}, headers=headers)


def added(client: httpx.Client, data: bytes, name: str) -> str:
    answer = upload(client, data, name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def sent(upstream: Upstream) -> list[dict[str, Any]]:
    return [json.loads(received.body)["messages"][-1] for received in upstream.calls()]


class TestAFile:
    async def test_goes_outside_when_it_is_harmless(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        with by_key(server) as client:
            one, two = added(client, files.docx("The plan is blue."), "plan.docx"), added(client, b"a;b\n1;2", "t.csv")
        async with Socket(server, key=SIGHTED.key()) as socket:
            _, frames = await socket.answer("Which colour is the plan?", attachments=[one, two])

        assert of_type(frames, "routed")[0]["hosting"] == "commercial"
        (message,) = sent(outside)
        assert message["role"] == "user"
        assert 'Attached file "plan.docx":\n```\nThe plan is blue.\n```' in message["content"]
        assert message["content"].endswith("Which colour is the plan?")
        assert inside.calls() == []

    @pytest.mark.parametrize("place", ["text", "docx", "docx header", "xlsx", "pdf", "file name", "end of a long file"])
    async def test_never_leaves_with_a_private_word_anywhere_in_it(
        self, server: RealServer, outside: Upstream, inside: Upstream, place: str
    ) -> None:
        secret = iban()
        header = f"<w:hdr {files.W}><w:p><w:r><w:t>{secret}</w:t></w:r></w:p></w:hdr>"
        data, name = {
            "text": (f"account {secret}".encode(), "a.txt"),
            "docx": (files.docx("Dear all,", f"pay to {secret}."), "a.docx"),
            "docx header": (files.docx("Dear all", header1=header), "a.docx"),
            "xlsx": (files.xlsx(("Pay", '<row><c t="s"><v>0</v></c></row>'), strings=[secret]), "a.xlsx"),
            "pdf": (files.pdf("Dear all", f"Pay to {secret} please"), "a.pdf"),
            "file name": (b"Harmless.", f"{secret}.txt"),
            "end of a long file": (b"Nothing to see here.\n" * 8_000 + secret.encode(), "a.txt"),
        }[place]
        with by_key(server) as client:
            file = added(client, data, name)
        async with Socket(server, key=SIGHTED.key()) as socket:
            await socket.send("check", id=str(uuid4()), text="What is it?", attachments=[file])
            checked = (await socket.until("checked"))[-1]
            accepted, frames = await socket.answer("What is it?", attachments=[file], model="sighted-cloud")
            _, later = await socket.answer("Thank you.", conversation=accepted["conversation"], model="sighted-cloud")

        assert checked["attachments"] == [{"id": file, "sensitivity": "sensitive"}]
        assert checked["route"]["hosting"] == "self_hosted"
        assert of_type(frames, "routed")[0]["hosting"] == "self_hosted"
        assert of_type(later, "routed")[0]["hosting"] == "self_hosted"
        assert not outside.saw(secret)
        assert inside.saw(secret)

    async def test_that_is_a_picture_is_seen_inside_only(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        with by_key(server) as client:
            picture = added(client, files.png(), "cat.png")
        async with Socket(server, key=SIGHTED.key()) as socket:
            _, frames = await socket.answer("What do you see?", attachments=[picture], model="sighted-cloud")

        routed = of_type(frames, "routed")[0]
        assert (routed["hosting"], routed["sensitivity"]) == ("self_hosted", "unclassified")
        (message,) = sent(inside)
        assert [part["type"] for part in message["content"]] == ["text", "image_url"]
        assert outside.calls() == []

    @pytest.mark.parametrize("company", [HOLLOW, SEALED], ids=["no model inside", "a blind model inside"])
    async def test_that_is_a_picture_goes_nowhere_else(
        self, server: RealServer, outside: Upstream, inside: Upstream, company: Company
    ) -> None:
        with by_key(server, company) as client:
            picture = added(client, files.png(), "cat.png")
        async with Socket(server, key=company.key()) as socket:
            _, frames = await socket.answer("What do you see?", attachments=[picture])

        assert (frames[-1]["type"], frames[-1]["code"]) == ("failed", "classification_unavailable")
        assert "picture" in frames[-1]["detail"]
        assert outside.calls() == inside.calls() == []

    async def test_of_a_colleague_does_not_exist(self, server: RealServer) -> None:
        with by_key(server) as erin, by_key(server, who="otto") as otto:
            file = added(erin, b"Mine.", "a.txt")
            for rest in ("", "content/"):
                assert otto.get(f"{PATH}{file}/{rest}").status_code == 404
            assert otto.delete(f"{PATH}{file}/").status_code == 404
            assert erin.get(f"{PATH}{file}/content/").text == "Mine."
        async with Socket(server, key=SIGHTED.key("otto")) as socket:
            await socket.send("ask", id=str(uuid4()), text="What?", attachments=[file])
            assert (await socket.until("error"))[-1]["code"] == "not_found"


class TestABrowser:
    def test_uploads_with_its_token_only(self, server: RealServer) -> None:
        with Browser(server, SIGHTED) as browser:
            assert upload(browser.http, b"a", "a.txt").status_code == 403
            answer = upload(browser.http, files.png(), "a.png", **{"X-CSRFToken": browser.http.cookies["csrftoken"]})
            assert answer.status_code == 201
            shown = browser.http.get(f"{PATH}{answer.json()['id']}/content/")

        assert shown.content == files.png()
        assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert shown.headers["x-content-type-options"] == "nosniff"


HOSTILE = {
    "zip bomb": (files.zip_bomb, "a.docx", "too_complex"),
    "billion laughs": (lambda: files.packed({"word/document.xml": files.LOL}), "a.docx", "damaged"),
    "deep nesting": (
        lambda: files.packed({"word/document.xml": files.word("<w:p>" * 90_000)}),
        "a.docx",
        "too_complex",
    ),
    "endless page tree": (lambda: files.pdf("a").replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), "a.pdf", ""),
    "no pdf at all": (lambda: b"%PDF-1.4\n" + bytes(range(256)) * 20_000, "a.pdf", "damaged"),
    "huge picture": (lambda: files.png(50_000, 50_000), "a.png", "too_many_pixels"),
    "program": (lambda: b"MZ" + bytes(1_000), "setup.exe", "unknown"),
    "nul": (lambda: b"a\x00" * 1_000, "a.txt", "not_text"),
}


class TestAHostileFile:
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_ends_in_a_sentence(self, server: RealServer, kind: str) -> None:
        make, name, reason = HOSTILE[kind]
        with by_key(server) as client:
            begun = time.monotonic()
            answer = upload(client, make(), name)
            took_s = time.monotonic() - begun

        assert answer.status_code == 415, answer.text
        assert answer.json()["code"] == "unsupported_attachment"
        assert reason in answer.json()["fields"]["file"]
        assert answer.json()["detail"].endswith(".")
        assert took_s < BUSY * limits.READER_TIME_S

    def test_in_a_flood_leaves_others_their_answers(self, server: RealServer) -> None:
        bomb = files.zip_bomb()
        with by_key(server) as client, by_key(server, who="otto") as other, ThreadPoolExecutor(6) as pool:
            flood = [pool.submit(upload, client, bomb, "a.docx") for _ in range(6)]
            while not all(answer.done() for answer in flood):
                begun = time.monotonic()
                assert other.get("/api/v1/me/").status_code in {200, 403}
                assert time.monotonic() - begun < BUSY * limits.READER_TIME_S
                time.sleep(0.2)

        assert {answer.result().status_code for answer in flood} <= {415, 503}

    def test_that_is_too_large_is_refused_unread(self, server: RealServer) -> None:
        with by_key(server) as client:
            just = upload(client, b"x" * (limits.MAX_FILE_BYTES + 1), "a.txt")
            far = upload(client, b"x" * 12_000_000, "a.txt")

        assert [(answer.status_code, answer.json()["code"]) for answer in (just, far)] == [(413, "too_large")] * 2
