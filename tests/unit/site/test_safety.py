import base64
import os
import secrets
from typing import Any

import pytest
from cryptography.fernet import Fernet

from openroute_site.settings import safety

KEY = secrets.token_urlsafe(48)


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "SECRET_KEY": KEY,
        "FIELD_ENCRYPTION_KEYS": [Fernet.generate_key().decode()],
        "AUDIT_SIGNING_KEY": base64.b64encode(os.urandom(32)).decode(),
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db", "USER": "app", "PASSWORD": "k3Jx-9fQ2"}
        },
        "ALLOWED_HOSTS": ["chat.acme.com"],
        "ALLOWED_ORIGINS": ["https://chat.acme.com"],
        "TRUSTED_PROXIES": ["10.0.0.7"],
        "DEBUG": False,
        **changes,
    }


ENVIRONMENT = {"DATABASE_URL": "postgres://...", "ALLOWED_HOSTS": "chat.acme.com"}


def database(**changes: Any) -> dict[str, Any]:
    return {"DATABASES": {"default": settings()["DATABASES"]["default"] | changes}}


WEAK_SETTINGS = [
    ("SECRET_KEY", {"SECRET_KEY": ""}),
    ("SECRET_KEY", {"SECRET_KEY": "django-insecure-" + KEY}),
    ("SECRET_KEY", {"SECRET_KEY": KEY[:40]}),
    ("SECRET_KEY", {"SECRET_KEY": "ab" * 40}),
    ("FIELD_ENCRYPTION_KEYS", {"FIELD_ENCRYPTION_KEYS": []}),
    ("FIELD_ENCRYPTION_KEYS", {"FIELD_ENCRYPTION_KEYS": ["not-a-fernet-key"]}),
    ("FIELD_ENCRYPTION_KEYS", {"FIELD_ENCRYPTION_KEYS": [base64.urlsafe_b64encode(b"a" * 32).decode()]}),
    ("AUDIT_SIGNING_KEY", {"AUDIT_SIGNING_KEY": ""}),
    ("AUDIT_SIGNING_KEY", {"AUDIT_SIGNING_KEY": "short"}),
    ("AUDIT_SIGNING_KEY", {"AUDIT_SIGNING_KEY": base64.b64encode(b"\0" * 32).decode()}),
    ("METRICS_TOKEN", {"METRICS_TOKEN": "metrics"}),
    ("METRICS_TOKEN", {"METRICS_TOKEN": KEY}),  # the same as SECRET_KEY
    ("DATABASE_URL", database(PASSWORD="")),
    ("DATABASE_URL", database(PASSWORD="postgres")),
    ("DATABASE_URL", database(PASSWORD="app")),  # the same as the user
    ("DATABASE_OWNER_URL", {"DATABASES": settings()["DATABASES"] | {"owner": {"USER": "app"}}}),  # the same login
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ["*"]}),
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": [".acme.com"]}),
    ("ALLOWED_ORIGINS", {"ALLOWED_ORIGINS": []}),
    ("ALLOWED_ORIGINS", {"ALLOWED_ORIGINS": ["*"]}),
    ("ALLOWED_ORIGINS", {"ALLOWED_ORIGINS": ["http://chat.acme.com"]}),
    ("ALLOWED_ORIGINS", {"ALLOWED_ORIGINS": ["https://chat.acme.com/path"]}),
    ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": ["*"]}),
    ("DEBUG", {"DEBUG": True}),
]
WEAK_ENVIRONMENT = [
    ("DEBUG", {"DEBUG": "true"}),
    ("FIRESTORE_EMULATOR_HOST", {"FIRESTORE_EMULATOR_HOST": "localhost:8080"}),
    ("FIREBASE_AUTH_EMULATOR_HOST", {"FIREBASE_AUTH_EMULATOR_HOST": "localhost:9099"}),
    ("OPENROUTE_CLOCK", {"OPENROUTE_CLOCK": "+3600"}),
    ("OPENROUTE_FAULTS", {"OPENROUTE_FAULTS": "detector:raise"}),
    ("OPENROUTE_DEMO", {"OPENROUTE_DEMO": "1"}),
    ("DEMO_PASSWORD", {"DEMO_PASSWORD": "demo"}),
    ("DATABASE_URL", {"DATABASE_URL": ""}),
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ""}),
]


class TestDefects:
    def test_are_none_in_a_sound_configuration(self) -> None:
        assert safety.defects(settings(), ENVIRONMENT) == []

    @pytest.mark.parametrize(("variable", "changes"), WEAK_SETTINGS)
    def test_name_the_variable_that_is_weak_or_missing(self, variable: str, changes: dict[str, Any]) -> None:
        found = safety.defects(settings(**changes), ENVIRONMENT)

        assert len(found) == 1
        assert variable in found[0]

    @pytest.mark.parametrize(("variable", "changes"), WEAK_ENVIRONMENT)
    def test_name_the_variable_that_does_not_belong_there(self, variable: str, changes: dict[str, str]) -> None:
        found = safety.defects(settings(), ENVIRONMENT | changes)

        assert [variable in sentence for sentence in found] == [True]

    def test_never_quote_a_secret(self) -> None:
        weak = "hunter2hunter2"
        found = safety.defects(
            settings(SECRET_KEY=weak, FIELD_ENCRYPTION_KEYS=[weak], AUDIT_SIGNING_KEY=weak, METRICS_TOKEN=weak),
            ENVIRONMENT,
        )

        assert found
        assert weak not in " ".join(found)

    def test_are_all_told_at_once(self) -> None:
        assert len(safety.defects(settings(SECRET_KEY="", DEBUG=True, ALLOWED_ORIGINS=[]), ENVIRONMENT)) == 3

    def test_accept_an_owner_with_a_login_of_its_own(self) -> None:
        databases = settings()["DATABASES"] | {"owner": {"USER": "openroute_owner"}}

        assert safety.defects(settings(DATABASES=databases), ENVIRONMENT) == []

    def test_do_not_ask_for_a_password_where_a_socket_is_used(self) -> None:
        assert safety.defects(settings(**database(HOST="/run/postgresql", PASSWORD="")), ENVIRONMENT) == []

    def test_accept_a_second_encryption_key_for_rotation(self) -> None:
        keys = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]

        assert safety.defects(settings(FIELD_ENCRYPTION_KEYS=keys), ENVIRONMENT) == []
