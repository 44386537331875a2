"""Development and `make run`: the embedded default. Secrets that the environment does not give are made and kept."""

import base64
import os
import secrets
import sys

from cryptography.fernet import Fernet

from openroute_site.settings.base import *  # noqa: F403
from openroute_site.settings.base import (
    ALLOWED_ORIGINS,
    AUDIT_SIGNING_KEY,
    FIELD_ENCRYPTION_KEYS,
    INSTALLED_APPS,
    SECRET_KEY,
)
from openroute_site.settings.environment import env, kept_secret, random_token
from openroute_site.settings.parts.paths import STATE_DIR

DEBUG = env.bool("DEBUG", default=False)
if "runserver" in sys.argv:
    # Before staticfiles, so that `runserver` speaks ASGI. It brings Twisted: a second of every other process's start.
    INSTALLED_APPS = ["daphne", *INSTALLED_APPS]

OPENROUTE_STRONG_LOGIN_ALLOWED = True  # one login is enough to try it; it is warned of at start and in /readyz

# Model servers on this machine: the demo's, Ollama, vLLM.
OUTBOUND_ALLOW_HOSTS = env.list("OUTBOUND_ALLOW_HOSTS", default=["127.0.0.1", "localhost"])

# The pages of `runserver`; `manage.py up` names the port that it was given.
ALLOWED_ORIGINS = ALLOWED_ORIGINS or ["http://localhost:8000", "http://127.0.0.1:8000"]

os.umask(0o077)  # the database and the broker hold a company's questions: for this user only
STATE_DIR.mkdir(parents=True, exist_ok=True)
STATE_DIR.chmod(0o700)


def _ed25519_seed() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _fernet_key() -> str:
    return Fernet.generate_key().decode()


SECRET_KEY = SECRET_KEY or kept_secret("SECRET_KEY", random_token, folder=STATE_DIR)
FIELD_ENCRYPTION_KEYS = FIELD_ENCRYPTION_KEYS or [kept_secret("FIELD_ENCRYPTION_KEYS", _fernet_key, folder=STATE_DIR)]
AUDIT_SIGNING_KEY = AUDIT_SIGNING_KEY or kept_secret("AUDIT_SIGNING_KEY", _ed25519_seed, folder=STATE_DIR)
