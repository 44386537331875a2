"""Budgets as the services make them, and entries of the ledger."""

from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from apps.budgets.models import LedgerEntry
from tests.support.factories.tenants import NOON, TenantFactory


class LedgerEntryFactory(DjangoModelFactory[LedgerEntry]):
    class Meta:
        model = LedgerEntry

    tenant = factory.SubFactory(TenantFactory)
    user_id = 1
    turn_id = factory.LazyFunction(uuid4)
    attempt = 1
    channel = "chat"
    model = "gpt-mini"
    provider = "openai"
    amount = 1_000
    input_tokens = 100
    output_tokens = 50
    reserved_at = NOON
    at = NOON
