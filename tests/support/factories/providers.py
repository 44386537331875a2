"""Rows of the catalogue."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.providers.models import Model, Provider


class ProviderFactory(DjangoModelFactory[Provider]):
    """A commercial provider with a key."""

    class Meta:
        model = Provider

    name = factory.Sequence(lambda number: f"provider-{number}")
    adapter = "openai"
    base_url = "https://api.example.com/v1"
    api_key = "key-of-the-operator"
    hosting = "commercial"
    region = "eu"


class ModelFactory(DjangoModelFactory[Model]):
    """A cheap model with exact prices."""

    class Meta:
        model = Model

    name = factory.Sequence(lambda number: f"model-{number}")
    provider = factory.SubFactory(ProviderFactory)
    upstream = factory.SelfAttribute("name")
    context_tokens = 8_000
    max_output_tokens = 1_000
    price: Any = factory.LazyFunction(lambda: {"input": "0.25", "output": "2"})
