"""A colleague reads along while it is permitted, changes nothing, and is cut off within five seconds (P02, P05)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.companies import OPEN
from tests.support.journeys import Browser, Frame, Socket, Transcript, of_type
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

ACTS_WITHIN_S = 5.0
ENDLESS = Script(tokens=3000, delay_s=0.02)


def person_id(server: RealServer, who: str) -> int:
    (row,) = server.rows("select id from tenants_user where email = ?", OPEN.email(who))
    return int(row["id"])


def share(owner: Browser, conversation: str, **reader: int) -> str:
    answer = owner.send("POST", f"/api/v1/conversations/{conversation}/shares/", reader)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def read_along(socket: Socket, conversation: str) -> list[Frame]:
    await socket.send("subscribe", conversation=conversation)
    return await socket.until("delta")


async def cut_off(reader: Socket, act: Callable[[], Any]) -> list[Frame]:
    """Do something and read until the reader is told that it is over; then nothing of the answer may follow."""
    await asyncio.to_thread(act)
    began = time.monotonic()
    frames = await reader.until("conversation", timeout=ACTS_WITHIN_S)
    while not frames[-1]["deleted"]:  # that the sharing changed is news for whoever still reads
        frames += await reader.until("conversation", timeout=ACTS_WITHIN_S)
    print(f"cut off after {time.monotonic() - began:.1f} s")
    await reader.send("ping")
    after = await reader.until("pong")
    await asyncio.sleep(0.3)
    await reader.send("ping")
    after += await reader.until("pong")
    assert of_type(after, "delta") == []
    return frames


class TestAColleague:
    async def test_reads_the_running_answer_and_may_do_nothing_else(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("open-cloud", Script(text="The moon pulls. " * 30, delay_s=0.02))
        kim = person_id(server, "kim")
        with Browser(server, OPEN) as erin, Browser(server, OPEN, "kim") as colleague:
            async with Socket(server, browser=erin) as owner, Socket(server, browser=colleague) as reader:
                asked = await owner.ask("How do tides work?")
                conversation = asked["conversation"]
                share(erin, conversation, user=kim)
                await reader.send("resume", turn=asked["turn"], at=0, seq=0)
                seen = await reader.until("delta")
                await reader.send("stop", turn=asked["turn"])
                seen += await reader.until("error")
                await reader.send(
                    "ask", id="22222222-2222-4222-8222-222222222222", text="I?", conversation=conversation
                )
                seen += await reader.until("error")
                mine = await owner.until("completed")
                if not of_type(seen, "completed"):
                    seen += await reader.until("completed")
            path = f"/api/v1/conversations/{conversation}/"
            refused = [
                colleague.send("PATCH", path, {"title": "Mine"}).status_code,
                colleague.send("DELETE", path).status_code,
                colleague.http.get(f"{path}shares/").status_code,
                colleague.http.get(f"/api/v1/turns/{asked['turn']}/").status_code,
            ]
            (listed,) = colleague.http.get("/api/v1/conversations/shared/").json()["results"]
            texts = [entry["text"] for entry in colleague.http.get(f"{path}messages/").json()["results"]]

        assert Transcript().take(*seen).text == Transcript().take(*mine).text == "The moon pulls. " * 30
        assert {frame["code"] for frame in of_type(seen, "error")} == {"not_found"}
        assert refused == [404, 404, 404, 404]
        assert (listed["id"], listed["owner"]["name"], listed["via"]) == (conversation, "Erin", "user")
        assert texts == ["How do tides work?", "The moon pulls. " * 30]

    async def test_is_cut_off_in_mid_answer_when_the_share_or_the_team_ends(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("open-cloud", ENDLESS)
        kim, lea = person_id(server, "kim"), person_id(server, "lea")
        with (
            Browser(server, OPEN) as erin,
            Browser(server, OPEN, "adam") as admin,
            Browser(server, OPEN, "lea") as member,
        ):
            (team,) = erin.http.get("/api/v1/teams/").json()["results"]
            async with (
                Socket(server, browser=erin) as owner,
                Socket(server, key=OPEN.key("kim")) as by_name,
                Socket(server, browser=member) as by_team,
            ):
                asked = await owner.ask("Tell me a story.")
                conversation = asked["conversation"]
                path = f"/api/v1/conversations/{conversation}/shares/"
                named = share(erin, conversation, user=kim)
                shared = share(erin, conversation, team=team["id"])
                await read_along(by_name, conversation)
                await read_along(by_team, conversation)

                def leave() -> None:
                    answer = admin.send("PATCH", f"/api/v1/people/{lea}/", {"memberships": []})
                    assert answer.status_code == 200, answer.text

                def revoke() -> None:
                    # Kim reads by the team as well: only both together end it.
                    for one in (shared, named):
                        assert erin.send("DELETE", f"{path}{one}/").status_code == 204

                left = await cut_off(by_team, leave)
                await by_name.until("delta")
                revoked = await cut_off(by_name, revoke)
                await owner.until("delta")
                await owner.send("stop", turn=asked["turn"])
                await owner.until("completed")

        for gone in (left[-1], revoked[-1]):
            assert (gone["conversation"], gone["deleted"], gone["title"]) == (conversation, True, "")


class TestADraft:
    async def test_follows_its_author_to_the_other_device_and_goes_when_it_is_sent(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("open-cloud", Script(text="The moon pulls."))
        with Browser(server, OPEN) as laptop, Browser(server, OPEN) as phone, Browser(server, OPEN, "kim") as other:
            async with Socket(server, browser=phone) as socket, Socket(server, browser=other) as stranger:
                await socket.send("ping")
                await socket.until("pong")
                saved = laptop.send("PUT", "/api/v1/drafts/", {"conversation": None, "text": "How do tides"}).json()
                typed = (await socket.until("draft", timeout=ACTS_WITHIN_S))[-1]
                async with Socket(server, browser=laptop) as asking:
                    await asking.answer("How do tides work?")
                sent = (await socket.until("draft", timeout=ACTS_WITHIN_S))[-1]
                await stranger.send("ping")
                heard = await stranger.until("pong")
            left = phone.http.get("/api/v1/drafts/").json()["results"]

        assert (typed["conversation"], typed["text"]) == (None, "How do tides")
        assert typed["updated_at"][:23] == saved["updated_at"][:23]
        assert (sent["conversation"], sent["text"]) == (None, "")
        assert left == []
        assert of_type(heard, "draft") == []
