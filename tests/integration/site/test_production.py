"""Production starts with a sound configuration and with no other: tried as a process, with its environment."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[3]
PRINTS = """
import django
django.setup()
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    key = tmp_path / "secret_key"
    key.write_text(secrets.token_urlsafe(48) + "\n")
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "openroute_site.settings.production",
        "STATE_DIR": str(tmp_path),
        "SECRET_KEY_FILE": str(key),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "AUDIT_SIGNING_KEY": base64.b64encode(os.urandom(32)).decode(),
        "DATABASE_URL": "postgres://app:k3Jx-9fQ2-mm@db/openroute",
        "ALLOWED_HOSTS": "chat.acme.com",
        "ALLOWED_ORIGINS": "https://chat.acme.com",
    }


def start(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PRINTS], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


class TestProduction:
    def test_starts_with_a_sound_environment(self, environment: dict[str, str]) -> None:
        started = start(environment)

        assert started.stdout.split() == ["__Host-sessionid", "True", "31536000"], started.stderr

    def test_refuses_everything_that_is_wrong_at_once_in_sentences(self, environment: dict[str, str]) -> None:
        del environment["SECRET_KEY_FILE"]
        environment |= {"ALLOWED_HOSTS": "*", "DEBUG": "1", "OPENROUTE_FAULTS": "audit:fail"}

        refused = start(environment)

        sentences = [line for line in refused.stderr.splitlines() if line.startswith("- ")]
        assert refused.returncode != 0
        assert [sentence.split()[1].rstrip(":") for sentence in sentences] == [
            "SECRET_KEY",
            "ALLOWED_HOSTS",
            "DEBUG",
            "OPENROUTE_FAULTS",
        ]
