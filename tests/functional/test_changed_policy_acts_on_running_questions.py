"""The decision is taken at send time, with the policy and the marks of that moment (promise P18)."""

import asyncio
import json
from typing import Any

import pytest

from tests.functional.companies import LENIENT, REMARKED, SWITCHING
from tests.support.journeys import Api, code, iban, within
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = [pytest.mark.server, pytest.mark.any_store]

HARMLESS = "What is the capital of France?"


class TestAChangeWhileAQuestionIsOnItsWay:
    async def test_of_the_rules_keeps_the_next_attempt_inside(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        document = await self._document(server)
        denied = {**document, "rules": [{"deny": {"hosting": ["commercial"]}}]}

        answer = await self._asked_during(server, outside, "A harmless question.", denied)
        await self._put(server, document)

        assert answer.status_code == 200, answer.text
        assert answer.headers["x-openroute-model"] == "switching-inside"
        assert outside.calls("switching-next") == []
        assert len(inside.calls("switching-inside")) == 1

    async def test_of_what_counts_as_private_keeps_the_next_attempt_inside(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        secret = iban()
        document = await self._document(server)
        strict = {**document, "sensitivity": {"force_self_hosted": ["SECRET", "IBAN_CODE"]}}

        answer = await self._asked_during(server, outside, f"Which bank is {secret} with?", strict)
        await self._put(server, document)

        assert len(outside.calls("switching-slow")) == 1
        assert outside.calls("switching-next") == []
        assert answer.headers["x-openroute-model"] == "switching-inside"
        assert answer.headers["x-openroute-sensitivity"] == answer.json()["openroute"]["sensitivity"] == "sensitive"
        assert inside.saw(secret)

    async def test_applies_to_the_very_next_question(self, server: RealServer, outside: Upstream) -> None:
        secret = iban()
        document = await self._document(server)
        await self._put(server, {**document, "sensitivity": {"force_self_hosted": ["SECRET", "IBAN_CODE"]}})
        async with Api(server, SWITCHING.key()) as api:
            answer = await api.ask(f"Which bank is {secret} with?", model="switching-next")
        await self._put(server, document)

        assert answer.headers["x-openroute-model"] == "switching-inside"
        assert not outside.saw(secret)

    async def test_of_where_a_model_runs_keeps_the_next_attempt_away_from_it(
        self, server: RealServer, outside: Upstream, inside: Upstream
    ) -> None:
        """The operator finds out that a model which was thought to run inside belongs to somebody else."""
        secret = iban()
        inside.script("remarked-slow", Script(first_delay_s=30))
        provider = REMARKED.models[1].provider(outside.base_url, inside.base_url)
        async with Api(server, REMARKED.key()) as api:
            asking = asyncio.create_task(api.ask(f"Which bank is {secret} with?", model="remarked-slow"))
            await within(10, lambda: len(inside.calls("remarked-slow")) == 1)
            told = await asyncio.to_thread(
                server.apply, json.dumps({"providers": [{**provider, "hosting": "commercial"}]})
            )
            await asyncio.sleep(2)
            inside.cut_connections()
            answer = await asking
            inside.script("remarked-slow", Script(status=500))
            again = await api.ask(f"Which bank is {secret} with?")
            harmless = await api.ask(HARMLESS)

        assert "at-remarked-next" in told
        assert {(a.status_code, code(a)) for a in (answer, again)} == {(502, "provider_unavailable")}
        assert harmless.headers["x-openroute-model"] in {"remarked-next", "remarked-cloud"}
        assert all(secret not in call.raw.decode() for call in inside.calls("remarked-next"))
        assert not outside.saw(secret)

    async def _document(self, server: RealServer) -> dict[str, Any]:
        async with Api(server, SWITCHING.key("adam")) as admin:
            found: dict[str, Any] = (await admin.client.get("/api/v1/policy/")).json()["document"]
        assert found["sensitivity"] == LENIENT["sensitivity"]
        return found

    async def _put(self, server: RealServer, document: dict[str, Any]) -> None:
        """As the admin; what concerns privacy is confirmed by the compliance officer."""
        async with Api(server, SWITCHING.key("adam")) as admin, Api(server, SWITCHING.key("cleo")) as officer:
            answer = await admin.client.put("/api/v1/policy/", json={"document": document})
            if answer.status_code == 202:
                answer = await officer.client.post(f"/api/v1/policy/proposals/{answer.json()['id']}/confirm/")
        assert answer.status_code == 200, answer.text

    async def _asked_during(self, server: RealServer, outside: Upstream, text: str, document: dict[str, Any]) -> Any:
        """Ask a model that hesitates, change the policy meanwhile, and let the model fail once the change must act."""
        outside.script("switching-slow", Script(first_delay_s=30))
        async with Api(server, SWITCHING.key()) as api:
            asking = asyncio.create_task(api.ask(text, model="switching-slow"))
            await within(10, lambda: len(outside.calls("switching-slow")) == 1)
            await self._put(server, document)
            await asyncio.sleep(2)  # changes act within 5 s; the poll is one a second
            outside.cut_connections()
            return await asking
