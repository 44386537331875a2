"""Who may not act any more is cut off within five seconds: sockets, streams, running answers, keys (promise P02)."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.functional.companies import GUARDED, SUSPENDED
from tests.support.journeys import Api, Browser, Socket, code, events, is_done, of_type, within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

ACTS_WITHIN_S = 5.0
ENDED = 4408
ENDLESS = Script(tokens=3000, delay_s=0.02)


async def cut_off(server: RealServer, act: Any, *ends: Any) -> list[Any]:
    """Do something and wait for what it must end; fails unless all of it ends within five seconds."""
    endings = [asyncio.ensure_future(end) for end in ends]
    await asyncio.to_thread(act)
    began = time.monotonic()
    async with asyncio.timeout(ACTS_WITHIN_S):
        found = await asyncio.gather(*endings)
    print(f"cut off after {time.monotonic() - began:.1f} s")
    return found


def person_id(server: RealServer, email: str) -> int:
    (row,) = server.rows("select id from tenants_user where email = ?", email)
    return int(row["id"])


def state_of(server: RealServer, turn: str) -> str:
    (row,) = server.rows("select state from turns_turn where id = ?", turn.replace("-", ""))
    return str(row["state"])


async def begun(api: Api) -> "asyncio.Task[httpx.Response]":
    """A stream of the developer API that is under way."""
    return asyncio.create_task(api.ask("Tell me a story.", stream=True))


async def streams(outside: Upstream, count: int) -> None:
    """Wait until so many answers are being written."""
    await within(10, lambda: sum(call.output_tokens > 0 for call in outside.calls()) >= count)


class TestSigningOut:
    async def test_ends_the_sockets_of_that_session_and_of_no_other(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("guarded-cloud", ENDLESS)
        with Browser(server, GUARDED, "otto") as phone, Browser(server, GUARDED, "otto") as laptop:
            async with Socket(server, browser=phone) as one, Socket(server, browser=laptop) as other:
                accepted = await one.ask("Tell me a story.")
                await one.until("delta")
                (closed,) = await cut_off(server, phone.sign_out, one.closed(ACTS_WITHIN_S))
                await other.send("ping")
                await other.until("pong")
                await other.send("stop", turn=accepted["turn"])
                await within(5, lambda: state_of(server, accepted["turn"]) == "stopped")

            assert closed == ENDED
            assert laptop.http.get("/api/v1/me/").status_code == 200
            assert phone.http.get("/api/v1/me/").status_code == 401


class TestDeactivatingAPerson:
    async def test_ends_all_that_runs_for_them(self, server: RealServer, outside: Upstream) -> None:
        outside.script("guarded-cloud", ENDLESS)
        gina = person_id(server, GUARDED.email("gina"))
        with Browser(server, GUARDED, "gina") as browser, Browser(server, GUARDED, "adam") as admin:
            async with (
                Socket(server, browser=browser) as page,
                Socket(server, key=GUARDED.key("gina")) as program,
                Socket(server, key=GUARDED.key("lea")) as colleague,
                Api(server, GUARDED.key("gina")) as api,
            ):
                accepted = await page.ask("Tell me a story.")
                stream = await begun(api)
                await streams(outside, 2)

                def deactivate() -> None:
                    assert admin.send("PATCH", f"/api/v1/people/{gina}/", {"active": False}).status_code == 200

                ends = (page.closed(ACTS_WITHIN_S), program.closed(ACTS_WITHIN_S), stream)
                first, second, answer = await cut_off(server, deactivate, *ends)
                await within(2, lambda: state_of(server, accepted["turn"]) == "stopped")
                await colleague.send("ping")
                await colleague.until("pong")
                refused = await api.ask("Hello?")

        assert (first, second) == (ENDED, ENDED)
        assert not is_done(answer)
        assert events(answer)[-1]["error"]["code"] == "unauthenticated"
        assert (refused.status_code, code(refused)) == (401, "unauthenticated")
        assert server.rows("select 1 from turns_turn where state = 'open'") == []


class TestRevokingAKey:
    async def test_ends_its_sockets_streams_and_answers(self, server: RealServer, outside: Upstream) -> None:
        outside.script("guarded-cloud", ENDLESS)
        with Browser(server, GUARDED, "kemal") as browser:
            (key,) = browser.http.get("/api/v1/keys/").json()["results"]
            async with (
                Socket(server, key=GUARDED.key("kemal")) as socket,
                Socket(server, browser=browser) as page,
                Api(server, GUARDED.key("kemal")) as api,
            ):
                accepted = await socket.ask("Tell me a story.")
                stream = await begun(api)
                await streams(outside, 2)

                def revoke() -> None:
                    assert browser.send("DELETE", f"/api/v1/keys/{key['id']}/").status_code == 204

                closed, answer = await cut_off(server, revoke, socket.closed(ACTS_WITHIN_S), stream)
                await within(2, lambda: state_of(server, accepted["turn"]) == "stopped")
                await page.send("ping")
                await page.until("pong")
                refused = await api.ask("Hello?")

        assert closed == ENDED
        assert events(answer)[-1]["error"]["code"] == "unauthenticated"
        assert not is_done(answer)
        assert refused.status_code == 401


class TestSuspending:
    async def test_a_team_ends_its_keys_and_answers_and_a_company_everything(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("suspended-cloud", ENDLESS)
        with Browser(server, SUSPENDED, "adam") as admin, Browser(server, SUSPENDED) as browser:
            (team,) = admin.http.get("/api/v1/teams/").json()["results"]
            async with Socket(server, browser=browser) as page, Api(server, SUSPENDED.key()) as api:
                accepted = await page.ask("Tell me a story.")
                stream = await begun(api)
                await streams(outside, 2)

                def suspend_team() -> None:
                    answer = admin.send("PATCH", f"/api/v1/teams/{team['id']}/", {"active": False})
                    assert answer.status_code == 200

                (answer,) = await cut_off(server, suspend_team, stream)
                await within(2, lambda: state_of(server, accepted["turn"]) == "stopped")
                await page.until("completed")
                await page.send("ask", id="11111111-1111-4111-8111-111111111111", text="And now?")
                refused = (await page.until("error"))[-1]

                def suspend_company() -> None:
                    server.python(
                        "from apps.core import clock; from apps.tenants import selectors, services;"
                        f"tenant = selectors.tenant_by_slug({SUSPENDED.slug!r}).id;"
                        "services.suspend_tenant(tenant=tenant, actor='system', at=clock.now())"
                    )

                (closed,) = await cut_off(server, suspend_company, page.closed(20))

            assert admin.http.get("/api/v1/me/").status_code == 401

        assert events(answer)[-1]["error"]["code"] == "unauthenticated"
        assert refused["code"] == "permission_denied"
        assert closed == ENDED
        assert len(of_type([refused], "error")) == 1


class TestAKeyThatIsNoGood:
    async def test_answers_like_every_other_one(self, server: RealServer) -> None:
        """Unknown, malformed, expired: nobody learns which."""
        soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        with Browser(server, GUARDED, "lea") as lea:
            order = {"name": "brief", "scopes": ["chat", "models"], "expires_at": soon}
            issued = lea.send("POST", "/api/v1/keys/", order).json()
        await within(10, lambda: datetime.now(UTC) > datetime.fromisoformat(issued["expires_at"]))

        seen = []
        for key in (issued["value"], GUARDED.key()[:-1] + "0", "or-x", "sk-0123456789", "Ω".encode().decode("latin-1")):
            async with Api(server, "x") as api:
                headers = {"Authorization": f"Bearer {key}".encode("latin-1")}
                model = await api.client.get("/v1/models", headers=headers)
                rest = await api.client.get("/api/v1/me/", headers=headers)
            seen.append((model.status_code, model.content, rest.status_code, rest.content))
            if key.isascii():
                async with Socket(server, key=key) as socket:
                    assert await socket.closed(10) == 4401

        assert seen[0][0] == seen[0][2] == 401
        assert len(set(seen)) == 1
