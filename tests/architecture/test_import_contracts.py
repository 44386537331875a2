"""The contracts of pyproject.toml catch what they are for: each is broken once, in a copy of the sources."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT

VIOLATIONS = [
    ("apps/core/broken.py", "import apps.turns", "rows"),
    ("apps/budgets/broken.py", "import apps.policies", "rows"),
    ("apps/chat/broken.py", "import apps.gateway", "rows"),
    ("apps/newcomer/__init__.py", "", "rows"),
    ("apps/chat/broken.py", "import openroute_site.urls", "site"),
    ("apps/domain/broken.py", "import django.db", "plain"),
    ("apps/providers/adapters/_broken.py", "import apps.core.db", "plain"),
    ("apps/turns/broken.py", "from apps.tenants.models import Team", "models-of-tenants"),
]


def lint(checkout: Path, contract: str) -> "subprocess.CompletedProcess[str]":
    program = (
        "import sys; from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(limit_to_contracts=(sys.argv[1],)))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, contract], cwd=checkout, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


class TestContracts:
    @pytest.mark.parametrize(("path", "code", "contract"), VIOLATIONS)
    def test_break_when_an_arrow_goes_up(self, checkout: Path, path: str, code: str, contract: str) -> None:
        broken = checkout / path
        broken.parent.mkdir(exist_ok=True)
        broken.write_text(code)

        outcome = lint(checkout, contract)

        assert outcome.returncode == 1, outcome.stdout + outcome.stderr
        assert "BROKEN" in outcome.stdout + outcome.stderr or "not listed" in outcome.stdout

    def test_protect_the_models_of_every_app(self) -> None:
        configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
        protected = {
            module
            for contract in configuration["contracts"]
            if contract["type"] == "protected"
            for module in contract["protected_modules"]
        }
        owners = {file.parent.name for file in (ROOT / "apps").glob("*/models.py")} - {"core"}

        assert protected == {f"apps.{app}.models" for app in owners}
