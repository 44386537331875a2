"""Loads the demo company once, and knows who can sign in."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from apps.domain.errors import OpenRouteError
from apps.operations.config import applying, environment
from apps.operations.config.document import Configuration, UserEntry
from apps.operations.config.errors import InvalidConfiguration
from apps.operations.config.shape import Mark
from apps.providers import discovery
from apps.providers import selectors as providers
from apps.tenants import selectors as tenants

log = structlog.get_logger(__name__)

COMPANY: Final = Path(__file__).with_name("company.yaml")
PASSWORD: Final = "openroute-demo"  # noqa: S105 - no secret: everybody knows it, and production refuses it
MARK: Final = "demo.json"
KEY: Final = "demo_api_key"


class DemoRefused(OpenRouteError):
    """The demo company does not belong into a production installation; nothing was changed."""

    code, status = "demo_refused", 403


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demo company who has a password."""

    tenant: str
    email: str
    role: str
    teams: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What people need to try it."""

    sign_ins: tuple[SignIn, ...]
    password: str
    api_key: str = field(repr=False)


def load(*, at: datetime) -> Demo:
    """Apply the demo company, once per version of its file: what people change in it afterwards stays.

    Raises:
        DemoRefused: these are production settings.
        InvalidConfiguration: the server may not call the demo models, for instance.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production"):
        raise DemoRefused("The demo company has accounts that everybody knows; production does not load it.")
    variables = _variables()
    configuration = applying.read(COMPANY, _lookup(variables))
    state = hashlib.sha256(COMPANY.read_bytes() + json.dumps(variables, sort_keys=True).encode()).hexdigest()
    if not _is_loaded(configuration, state):
        applying.apply(configuration, actor="system", at=at)
        _offer_found_models(at)
        _mark_path().write_text(json.dumps({"state": state}), encoding="ascii")
    return Demo(_sign_ins(configuration), variables["DEMO_PASSWORD"], variables["DEMO_API_KEY"])


def _offer_found_models(at: datetime) -> None:
    """Put the models that the environment offers (an OpenAI key, Ollama, vLLM) beside the demo models, once.

    A provider that is there already is left as it is: the operator may have said more about it. What cannot be used is
    logged and left out, because the demo company works without it.
    """
    for entry in discovery.discover(os.environ):
        name = entry["provider"]["name"]
        known = {model["name"] for model in providers.models()}
        offered = [model for model in entry["models"] if model["name"] not in known]
        if providers.provider(name) is not None or not offered:
            continue
        try:
            found = applying.prepare({"providers": [entry["provider"]], "models": offered}, environment.lookup)
            applying.apply(found, actor="system", at=at)
        except InvalidConfiguration as error:
            log.warning("demo.found_models_unusable", provider=name, problems=[p.path for p in error.problems])
        else:
            log.info("demo.found_models_offered", provider=name, count=len(offered))


def _variables() -> dict[str, str]:
    return {
        "DEMO_MODELS_PORT": str(os.environ.get("DEMO_MODELS_PORT") or settings.DEMO_MODELS_PORT),
        "DEMO_PASSWORD": os.environ.get("DEMO_PASSWORD") or PASSWORD,
        "DEMO_API_KEY": _kept_key(),
    }


def _lookup(variables: Mapping[str, str]) -> Callable[[str], str | None]:
    return lambda name: variables.get(name)


def _kept_key() -> str:
    """A key of this installation, made at the first start and readable by its user only."""
    path = Path(settings.STATE_DIR) / "secrets" / KEY
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(f"or-demo-{secrets.token_urlsafe(24)}")
    return path.read_text(encoding="ascii").strip()


def _mark_path() -> Path:
    return Path(settings.STATE_DIR) / MARK


def _is_loaded(configuration: Configuration, state: str) -> bool:
    """Whether this very company was loaded before, into this database."""
    path = _mark_path()
    if not path.exists() or json.loads(path.read_text(encoding="ascii")).get("state") != state:
        return False
    return all(tenants.tenant_by_slug(entry.slug) is not None for entry in configuration.tenants)


def _sign_ins(configuration: Configuration) -> tuple[SignIn, ...]:
    return tuple(
        SignIn(tenant.slug, user.email, str(user.role), _teams(user))
        for tenant in configuration.tenants
        for user in tenant.users
        if not isinstance(user.password, Mark)
    )


def _teams(user: UserEntry) -> str:
    seats = () if isinstance(user.teams, Mark) else user.teams
    return ", ".join(f"{seat.team} (admin)" if seat.admin else seat.team for seat in seats)
