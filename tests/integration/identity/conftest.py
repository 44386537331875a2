"""Every test begins without counted tries and noted refusals of the one before."""

import pytest
from django.core.cache import cache

from apps.identity import refusals
from apps.identity.services import uses
from tests.support.company import Company, company


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(refusals, "_ledger", refusals.Ledger())
    monkeypatch.setattr(uses, "_board", uses.Board())


@pytest.fixture
def acme() -> Company:
    return company("acme")
