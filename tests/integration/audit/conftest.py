"""Each test keeps its anchors in a folder of its own."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.audit import flush_lifts_the_guard  # noqa: F401 - an autouse fixture


@pytest.fixture(autouse=True)
def anchors_folder(settings: Any, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path / "state"
    return tmp_path / "state" / "anchors"
