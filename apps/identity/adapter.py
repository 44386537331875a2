"""How django-allauth behaves here: nobody signs up, every company is on its own, and each sign-in is on record."""

from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from apps.audit import services as audit
from apps.core import clock, db, versions
from apps.core.crypto import keyed_hash
from apps.domain.ids import INSTALLATION, TenantId
from apps.identity import network, proof, throttling
from apps.identity.session_store import OWNER
from apps.tenants import selectors as tenants


@lru_cache(maxsize=8)
def _trusted(names: tuple[str, ...]) -> tuple[network.Network, ...]:
    return network.networks(names)


class Locked(ValidationError):
    """Too many failed tries; `seconds` until the next one counts."""

    def __init__(self, seconds: int) -> None:
        minutes = max(1, -(-seconds // 60))
        sentence = ngettext(
            "Too many tries. Try again in %(minutes)s minute.",
            "Too many tries. Try again in %(minutes)s minutes.",
            minutes,
        )
        super().__init__(sentence, code="locked", params={"minutes": minutes})
        self.seconds = seconds


class CompanyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Named by ACCOUNT_ADAPTER. Single sign-on and the second factor are further stages of the same flow."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """After sign-in people stay on this host: only a path is a target."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is queued: no page shows these messages, and they would grow in the session."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return network.client_address(
            peer=request.META.get("REMOTE_ADDR", ""),
            forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", ""),
            trusted=_trusted(tuple(settings.TRUSTED_PROXIES)),
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return throttling.account_key(credentials.get("company", ""), credentials.get("email", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try; raises `Locked` when there were too many, also for accounts that do not exist."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            seconds = throttling.locked_for_s(request, key) or 60
            if throttling.is_new_lock(key, seconds):
                _record_failure(credentials, "account.locked")
            raise Locked(seconds) from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        _record_failure(credentials, "session.refused")

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin a session with a new id; it, its owner and the record stand or fall together."""
        now, tenant = clock.now(), TenantId(user.tenant_id)
        with db.atomic():
            if SESSION_KEY in request.session:  # Django keeps the id when the same person signs in again
                request.session.cycle_key()
            super().login(request, user)
            request.session[OWNER] = {
                "tenant": tenant,
                "epoch": user.session_epoch,
                "agent": network.agent_class(self.get_http_user_agent(request)),
                "network": network.truncated(self.get_client_ip(request)),
                "created_at": now.isoformat(),
            }
            request.session.save()
            actor = f"{'operator' if user.role == 'operator' else 'user'}:{user.pk}"
            body = {"method": "password"}
            audit.append(
                tenant=tenant, kind="session.started", actor=actor, subject=f"user:{user.pk}", body=body, at=now
            )

    def logout(self, request: HttpRequest) -> None:
        """End the session of this request, in every process."""
        principal = proof.of(request).principal
        with db.atomic():
            super().logout(request)
            if principal is not None:
                audit.append(
                    tenant=principal.tenant,
                    kind="session.ended",
                    actor=principal.actor,
                    subject=f"user:{principal.person.id}",
                    body={"count": 1},
                    at=clock.now(),
                )
                versions.bump(tenant=principal.tenant, kind="access")


def _record_failure(credentials: dict[str, Any], kind: str) -> None:
    """One look-up and one entry whoever exists, so that the time tells nothing; the e-mail stands as a keyed hash."""
    tenant = TenantId(credentials.get("tenant") or INSTALLATION)
    person = tenants.person_by_email(tenant, credentials.get("email", ""))
    subject = f"user:{person.id}" if person else ""
    account = throttling.account_key(credentials.get("company", ""), credentials.get("email", ""))
    body = {"account": keyed_hash("login", account)[:16]}
    with db.atomic():
        audit.append(tenant=tenant, kind=kind, actor="system", subject=subject, body=body, at=clock.now())
