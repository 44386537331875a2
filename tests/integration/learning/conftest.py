"""A company that asks in its chat over the real path, rates over HTTP, and learns when the periodic task runs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from django.test import Client as Http

from apps.domain.catalogue import Cell
from apps.domain.ids import TenantId
from apps.operations.tasks import learn
from apps.routing import selectors as routing
from apps.routing.models import Outcome
from apps.tenants.models import User
from apps.turns import live, outcome, runtime
from tests.integration.chat.conftest import ORIGIN, key_of
from tests.integration.turns.conftest import House, _connection, _one_connection, _process, house, wire
from tests.support.chat_socket import Client, Frame

__all__ = ["House", "_connection", "_one_connection", "_process", "house", "wire"]


@dataclass(slots=True)
class Person:
    """Somebody of the house, with an open page."""

    house: House
    user: User
    tab: Client
    http: Http

    async def begin(self, text: str, **fields: Any) -> Frame:
        """Ask; what the page hears of other conversations meanwhile is left out."""
        await self.tab.send("ask", **({"id": str(uuid4()), "text": text} | fields))
        return (await self.tab.until("accepted"))[-1]

    async def ask(self, text: str = "Write a function that sorts a list.", **fields: Any) -> Frame:
        """Ask and wait for the end; it also says the question and its conversation."""
        accepted = await self.begin(text, **fields)
        end = (await self.tab.until("completed", "failed"))[-1]
        return {**end, "question": accepted["message"], "conversation": accepted["conversation"]}

    async def again(self, answer: Frame, **fields: Any) -> Frame:
        """Have the question answered once more."""
        await self.tab.send("regenerate", **({"id": str(uuid4()), "message": answer["message"]} | fields))
        return (await self.tab.until("completed", "failed"))[-1]

    def rate(self, answer: Frame, verdict: str, reason: str = "") -> None:
        """A thumb, over HTTP."""
        url, body = f"/api/v1/messages/{answer['message']}/feedback/", {"verdict": verdict, "reason": reason}
        assert self.http.post(url, body, content_type="application/json").status_code == 200

    def learn(self) -> None:
        """Let the periodic task run, and the process take over what it wrote."""
        learn()
        runtime.install(runtime.build(inline=True))

    def cell(self, model: str) -> Cell:
        """The only measured cell of a model."""
        (found,) = routing.profiles(self.house.tenant)[model].cells
        return found

    def signals(self) -> list[tuple[str, str, float]]:
        """Every judgement that was stored, in its order: model, signal, value."""
        rows = Outcome.objects.for_tenant(self.house.tenant).exclude(signal="speed").order_by("id")
        return list(rows.values_list("model", "signal", "value"))


@pytest_asyncio.fixture
async def erin(house: House, settings: Any) -> AsyncIterator[Person]:
    """Erin at her page."""
    settings.ALLOWED_ORIGINS = [ORIGIN]
    user = User.objects.for_tenant(house.tenant).get(pk=house.user)
    value = key_of(user, "chat", "conversations")
    async with Client(authorization=f"Bearer {value}") as tab:
        yield Person(house, user, tab, Http(HTTP_AUTHORIZATION=f"Bearer {value}"))
    for turn in live.running():
        turn.stop()
        await turn.over()
    await outcome.all_settled()


@pytest.fixture
def tenant(house: House) -> TenantId:
    return house.tenant
