"""Passwords that people choose themselves: judged here, stored by `tenants`."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TenantId, UserId
from apps.tenants import services as tenants

User = get_user_model()


def check_strength(password: str, *, email: str = "", name: str = "") -> str:
    """The password, when it is long enough, not among the common ones (an offline list), and not the person's name.

    Raises `InvalidRequest` with what is wrong in `fields["password"]`.
    """
    tenants.checked_password(password)
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        problem = " ".join(error.messages)
        raise InvalidRequest("The password is too weak.", fields={"password": problem}) from error
    return password


def change_password(*, tenant: TenantId, user: UserId, current: str, new: str, actor: str, at: datetime) -> None:
    """Replace one's own password; every session of the person ends, this one included.

    Raises:
        InvalidRequest: the current password is wrong, or the new one too weak.
    """
    row = User.objects.for_tenant(tenant).filter(pk=user).first()
    if row is None:
        raise NotFound
    if not check_password(current, row.password):
        raise InvalidRequest("The current password is wrong.", fields={"current_password": "Wrong."})
    check_strength(new, email=row.email, name=row.name)
    tenants.set_password(tenant=tenant, user=user, password=new, actor=actor, at=at)
