"""A command tells people in one sentence that the database cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def ran(database: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.test"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        ("/nowhere/at/all.sqlite3", "Look whether it runs and whether DATABASE_URL names it"),
        ("{folder}/empty.sqlite3", "run `manage.py migrate`"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence(tmp_path: Path, file: str, advice: str) -> None:
    done = ran(f"sqlite:///{file.format(folder=tmp_path)}", "verify_stores")

    assert done.returncode == 1
    assert done.stderr.startswith("The database cannot be used: ")
    assert advice in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_calls_are_shown_to_who_asks_for_them(tmp_path: Path) -> None:
    done = ran(f"sqlite:///{tmp_path}/empty.sqlite3", "verify_stores", "--traceback")

    assert "Traceback" in done.stderr
