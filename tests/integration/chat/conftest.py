"""A company with one person who may ask, the real path of a message, and a model that answers by script."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.audit import services as audit
from apps.chat.hub import HUB
from apps.core import clock
from apps.domain.ids import TenantId
from apps.identity.session_store import OWNER, SessionStore
from apps.privacy import services as privacy
from apps.tenants.models import User
from apps.turns import live, outcome, runtime
from tests.support.chat_socket import Client
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import MembershipFactory, UserFactory
from tests.support.scripted_model import ScriptedModel

ORIGIN = "https://chat.acme.example"


def person(**values: object) -> User:
    """Somebody in a team of a company that has a chain."""
    user: User = UserFactory(**values)
    MembershipFactory(user=user)
    audit.create_head(TenantId(user.tenant_id))
    return user


def key_of(user: User, *scopes: str) -> str:
    """The value of a new API key."""
    value = f"or-{'k' * 32}-{user.pk}-{'-'.join(scopes)}"
    ApiKeyFactory(user=user, value=value, scopes=list(scopes))
    return value


def session_of(user: User) -> str:
    """The cookie of a signed-in browser."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[OWNER] = {
        "tenant": user.tenant_id,
        "epoch": user.session_epoch,
        "agent": "",
        "network": "",
        "created_at": clock.now().isoformat(),
    }
    session.save()
    assert session.session_key
    return session.session_key


@pytest.fixture
def _connection(db: None) -> BaseDatabaseWrapper:
    return connections["default"]


@pytest_asyncio.fixture(autouse=True)
async def _one_connection(_connection: BaseDatabaseWrapper) -> None:
    """Django gives coroutines a connection of their own; here they live in the transaction of the test."""
    connections["default"] = _connection


@pytest.fixture
def erin(db: None) -> User:
    return person()


@pytest.fixture
def stranger(db: None) -> User:
    return person()


@pytest.fixture(autouse=True)
def _process(settings) -> Iterator[None]:
    """A fresh process: no snapshot and no running turn of the test before."""
    settings.ALLOWED_ORIGINS = [ORIGIN]
    privacy.start()
    runtime.install(runtime.build(inline=True))
    yield
    runtime.install(None)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    played = ScriptedModel()
    played.install(monkeypatch)
    return played


@pytest_asyncio.fixture
async def connect(erin: User, model: ScriptedModel) -> AsyncIterator[Callable[..., Client]]:
    """Connections of Erin by API key, or of somebody else; whatever still runs at the end is ended."""
    keys: dict[int, str] = {}

    def _connect(user: User = erin) -> Client:
        value = keys.setdefault(user.pk, "") or key_of(user, "chat")
        keys[user.pk] = value
        return Client(authorization=f"Bearer {value}")

    yield _connect
    for turn in live.running():
        turn.stop()
        await turn.over()
    await outcome.all_settled()
    assert HUB.is_empty
