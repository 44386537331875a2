"""Who exists and where they belong."""

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id


class Tenant(models.Model):
    """A company. `platform` is reserved for operators and has no conversations."""

    class State(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    models_allowed = models.JSONField(null=True, default=None)
    rate_limits = models.JSONField(default=dict)
    created_at = models.DateTimeField()


class Team(models.Model):
    """A group with its own models, budgets and limits. `models_allowed` None: all that the tenant has."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=Tenant.State.choices, default=Tenant.State.ACTIVE)
    models_allowed = models.JSONField(null=True, default=None)
    rate_limits = models.JSONField(default=dict)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="tenants_team_slug")]


class UserManager(TenantManager["User"], BaseUserManager["User"]):
    """People are looked up inside a tenant; Django's own `get_by_natural_key` uses the opaque `username`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return models.QuerySet(self.model, using=self._db).get(username=username)


class Role(models.TextChoices):
    """Rights of a person in a tenant; `team_admin` is a property of a membership."""

    EMPLOYEE = "employee"
    TENANT_ADMIN = "tenant_admin"
    COMPLIANCE_OFFICER = "compliance_officer"
    OPERATOR = "operator"


def opaque_username() -> str:
    """A name that says nothing: people sign in with their e-mail inside their company."""
    return new_id().hex


class User(AbstractBaseUser):
    """A person. The e-mail is unique per tenant; the same person in two companies is two people here."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    username = models.CharField(max_length=32, unique=True, default=opaque_username, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.EMPLOYEE)
    is_active = models.BooleanField(default=True)
    locale = models.CharField(max_length=8, default="en")
    rate_limits = models.JSONField(default=dict)
    session_epoch = models.PositiveIntegerField(default=0)
    """Sessions of an older epoch are dead: raised by every change of password or rights and by deactivation."""
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "email"], name="tenants_user_email")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """E-mails are stored in lower case: the unique constraint and the look-up see one spelling."""
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Django's own check of each session covers the password; here the epoch too, so that both agree."""
        algorithm, value = "sha256", f"{self.password}:{self.session_epoch}"
        return salted_hmac("openroute.session", value, secret=secret, algorithm=algorithm).hexdigest()


class Membership(models.Model):
    """A person in a team. `position` 0 is the default team of new conversations."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_admin = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="tenants_membership_unique")]
