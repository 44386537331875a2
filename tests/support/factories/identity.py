"""API keys. `value` is not a column: `ApiKeyFactory(value="or-...")` stores its hash."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.identity.models import ApiKey
from apps.identity.services import hash_key
from tests.support.factories.tenants import NOON, UserFactory


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    class Meta:
        model = ApiKey

    user = factory.SubFactory(UserFactory)
    tenant = factory.SelfAttribute("user.tenant")
    team = None
    name = "ci"
    scopes = factory.LazyFunction(lambda: ["chat", "models"])
    created_at = NOON

    class Params:
        value = factory.Sequence(lambda number: f"or-factory-made-key-{number:04}")

    prefix = factory.LazyAttribute(lambda row: row.value[:10])
    key_hash = factory.LazyAttribute(lambda row: hash_key(row.value))

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        kwargs.pop("value", None)
        return kwargs
