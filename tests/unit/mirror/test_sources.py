"""Who reads a document for the mirror."""

import pytest
from pytest_django import Settings

from apps.domain.ids import TenantId
from apps.domain.privacy import Sensitivity
from apps.domain.registry import Document
from apps.mirror.sources import UnknownDocument, source_of


class Notes:
    """A source of the tests."""

    def read(self, tenant: TenantId, path: str) -> Document | None:
        return Document(path, 1, Sensitivity.CLEAN, {"tenant": tenant})


NOTES = Notes()


@pytest.fixture(autouse=True)
def _registered(settings: Settings) -> None:
    settings.OPENROUTE_DOCUMENT_SOURCES = {"notes": f"{__name__}.NOTES"}


class TestSourceOf:
    @pytest.mark.parametrize("path", ["notes/1", "notes/1/parts/2"])
    def test_finds_the_source_by_the_collection(self, path: str) -> None:
        assert source_of(path) is NOTES

    @pytest.mark.parametrize("path", ["", "notes", "notes/", "notes//1", "letters/1", "notes/1/parts"])
    def test_refuses_what_nobody_can_read(self, path: str) -> None:
        with pytest.raises(UnknownDocument):
            source_of(path)
