"""Django's authentication backend: e-mail and password inside one company."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId

User = get_user_model()
ACTIVE = "active"


class CompanyBackend(AuthenticationBackend):  # type: ignore[misc]
    """Allauth's backend, scoped to the company in the address.

    Every answer costs one query and one password hash, whoever exists: an unknown company, an unknown person and a
    wrong password take the same time (promise P11).
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        *,
        tenant: TenantId | None = None,
        email: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> Any:
        """The person, when the password fits and he may act; `tenant` 0 is a company that does not exist."""
        if tenant is None or not email or not password:
            return None
        row = User.objects.for_tenant(tenant).select_related("tenant").filter(email=email.strip().lower()).first()
        if row is None:
            make_password(password)
            return None

        def upgrade(plain: str) -> None:  # the stored hash is of an older algorithm
            with db.atomic():
                row.password = make_password(plain)
                row.save(update_fields=["password"])

        fits = check_password(password, row.password, upgrade)
        return row if fits and self.user_can_authenticate(row) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.is_active) and user.tenant.state == ACTIVE

    def get_user(self, user_id: int) -> Any:
        """Whom a session belongs to; Django checks password and epoch after it."""
        with all_tenants():
            row = User.objects.select_related("tenant").filter(pk=user_id).first()
        return row if row is not None and self.user_can_authenticate(row) else None
