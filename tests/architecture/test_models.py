"""Foreign keys point down, like imports; tenant-owned tables are scoped. Linters cannot see either."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from apps.core.tenancy import TenantManager

ROWS = (
    {"core"},
    {"audit"},
    {"tenants"},
    {"identity"},
    {"privacy", "policies", "routing", "providers", "budgets", "mirror"},
    {"turns"},
    {"chat", "gateway", "lab"},
    {"insights"},
    {"operations"},
)
HEIGHT = {app: height for height, row in enumerate(ROWS) for app in row}
# Written by the plumbing for many tenants at once; read with the tenant in every query, or by sweepers only.
PLUMBING = {"core.Version", "core.Job", "audit.AuditHead", "audit.AuditEvent", "audit.Checkpoint"}

# Tables without a tenant, each with the reason. Every other one names its tenant in each row.
OF_NO_TENANT = {
    "core.Process": "a web process serves every company",
    "tenants.Tenant": "it is the tenant",
    "providers.Provider": "the operator's catalogue, offered to every company",
    "providers.Model": "the operator's catalogue, offered to every company",
}
# Tables of libraries that the installation has and does not use for what belongs to a company.
OF_LIBRARIES = {
    "auth.Permission": "Django's; roles decide here (ROLES.md)",
    "auth.Group": "Django's; teams stand in for groups",
    "auth.Group_permissions": "Django's; roles decide here",
    "contenttypes.ContentType": "names of models, made by migrations",
    "sessions.Session": "empty: sessions are identity.UserSession",
    "account.EmailAddress": "empty: addresses are vouched for by the company and stand in tenants.User",
    "account.EmailConfirmation": "empty: nobody confirms addresses",
}
# Rows that begin before anybody has signed in: until then they belong to no company.
BEFORE_SIGN_IN = {"identity.UserSession"}


def all_models() -> Iterator[type[models.Model]]:
    return iter(apps.get_models(include_auto_created=True))


def tenant_column(model: type[models.Model]) -> "models.Field[object, object] | None":
    """The column that names the tenant of a row."""
    return next((field for field in model._meta.concrete_fields if field.column == "tenant_id"), None)


def own_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("apps."):
            yield from config.get_models(include_auto_created=True)


def foreign_keys() -> Iterator[tuple[type[models.Model], "models.ForeignKey[models.Model, models.Model]"]]:
    for model in own_models():
        yield from ((model, field) for field in model._meta.get_fields() if isinstance(field, models.ForeignKey))


class TestModels:
    def test_are_found(self) -> None:
        assert {model._meta.label for model in own_models()} > {"core.Job", "tenants.User", "audit.AuditEvent"}

    def test_stand_in_an_app_that_has_a_row(self) -> None:
        assert {model._meta.app_label for model in own_models()} <= HEIGHT.keys()

    def test_point_down_or_stay_at_home(self) -> None:
        upward = [
            f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
            for model, field in foreign_keys()
            if field.related_model._meta.app_label != model._meta.app_label
            and HEIGHT.get(field.related_model._meta.app_label, -1) >= HEIGHT[model._meta.app_label]
        ]

        assert upward == []

    def test_leave_no_attribute_on_models_of_other_apps(self) -> None:
        named = [
            f"{model._meta.label}.{field.name}"
            for model, field in foreign_keys()
            if field.related_model._meta.app_label != model._meta.app_label and field.remote_field.related_name != "+"
        ]

        assert named == []

    def test_of_a_tenant_are_scoped_to_it(self) -> None:
        unscoped = [
            model._meta.label
            for model in own_models()
            if any(field.name in {"tenant", "tenant_id"} for field in model._meta.get_fields())
            and model._meta.label not in PLUMBING
            and not isinstance(model._meta.default_manager, TenantManager)
        ]

        assert unscoped == []

    def test_name_the_tenant_in_every_row_but_for_the_listed_reasons(self) -> None:
        without = {model._meta.label for model in all_models() if tenant_column(model) is None}

        assert without == OF_NO_TENANT.keys() | OF_LIBRARIES.keys()

    def test_never_leave_the_tenant_open(self) -> None:
        found = ((model, tenant_column(model)) for model in all_models())

        assert [model._meta.label for model, column in found if column is not None and column.null] == [*BEFORE_SIGN_IN]

    def test_of_the_audit_trail_have_no_foreign_keys(self) -> None:
        assert [field.name for model, field in foreign_keys() if model._meta.app_label == "audit"] == []
