"""What a process remembers between requests is forgotten between tests."""

import pytest

from apps.identity import refusals


@pytest.fixture(autouse=True)
def _no_counted_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals that one test counted must not be written by the next one's."""
    monkeypatch.setattr(refusals, "_ledger", refusals.Ledger())
