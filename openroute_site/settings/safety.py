"""What keeps production from starting (promise P21). Pure: settings and environment in, one sentence per defect out."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.fernet import Fernet

MIN_SECRET_LENGTH = 50
MIN_DIFFERENT_CHARACTERS = 12
MIN_TOKEN_LENGTH = 32
TEST_CONTROLS = ("OPENROUTE_CLOCK", "OPENROUTE_FAULTS")
DEMO_SWITCHES = ("OPENROUTE_DEMO", "DEMO_PASSWORD")
_WORDS = re.compile(r"insecure|default|change.?me|example|password|secret|openroute", re.IGNORECASE)
_WEAK_PASSWORDS = frozenset({"", "postgres", "password", "openroute", "changeme", "secret", "admin", "root", "123456"})


def defects(settings: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Every reason not to start, each a sentence that names the variable and says what to do."""
    return [
        *_secret_key(settings["SECRET_KEY"]),
        *_encryption_keys(settings["FIELD_ENCRYPTION_KEYS"]),
        *_signing_key(settings["AUDIT_SIGNING_KEY"]),
        *_reuse(settings),
        *_metrics_token(settings["METRICS_TOKEN"]),
        *_database(settings["DATABASES"]["default"], environment),
        *_owner(settings["DATABASES"]),
        *_hosts(settings["ALLOWED_HOSTS"], environment),
        *_origins(settings["ALLOWED_ORIGINS"]),
        *_proxies(settings["TRUSTED_PROXIES"]),
        *_switches(settings, environment),
    ]


def _secret_key(key: str) -> Iterator[str]:
    if not key:
        yield "SECRET_KEY is missing: set it, or SECRET_KEY_FILE, to at least 50 random characters."
    elif len(key) < MIN_SECRET_LENGTH or len(set(key)) < MIN_DIFFERENT_CHARACTERS or _WORDS.search(key):
        yield "SECRET_KEY is weak: use at least 50 random characters that contain no words."


def _encryption_keys(keys: list[str]) -> Iterator[str]:
    if not keys:
        yield "FIELD_ENCRYPTION_KEYS is missing: set one or more Fernet keys, separated by commas, the newest first."
    for position, key in enumerate(keys, start=1):
        if not _is_fernet_key(key):
            yield f"FIELD_ENCRYPTION_KEYS: key {position} is no Fernet key (32 random bytes in URL-safe base64)."


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key.encode())
        raw = base64.urlsafe_b64decode(key)
    except (ValueError, binascii.Error):
        return False
    return len(set(raw)) >= MIN_DIFFERENT_CHARACTERS


def _signing_key(key: str) -> Iterator[str]:
    if not key:
        yield "AUDIT_SIGNING_KEY is missing: set it, or AUDIT_SIGNING_KEY_FILE, to an Ed25519 key (32 bytes in base64)."
        return
    for part in key.split(","):
        if part.strip().startswith("-----BEGIN"):
            continue  # PEM: the audit app reads it and says what is wrong with it
        try:
            raw = base64.b64decode(part.strip(), validate=True)
        except (ValueError, binascii.Error):
            raw = b""
        if len(raw) != 32 or len(set(raw)) < MIN_DIFFERENT_CHARACTERS:
            yield "AUDIT_SIGNING_KEY is no Ed25519 key: use 32 random bytes in base64, or PEM."


def _reuse(settings: Mapping[str, Any]) -> Iterator[str]:
    secrets = [settings["SECRET_KEY"], *settings["FIELD_ENCRYPTION_KEYS"], settings["AUDIT_SIGNING_KEY"]]
    secrets = [secret for secret in (*secrets, settings["METRICS_TOKEN"]) if secret]
    if len(set(secrets)) < len(secrets):
        yield "SECRET_KEY, FIELD_ENCRYPTION_KEYS, AUDIT_SIGNING_KEY and METRICS_TOKEN must differ: two are the same."


def _metrics_token(token: str) -> Iterator[str]:
    if token and (len(token) < MIN_TOKEN_LENGTH or len(set(token)) < MIN_DIFFERENT_CHARACTERS or _WORDS.search(token)):
        yield "METRICS_TOKEN is weak: use at least 32 random characters, or leave it out to close /metrics."


def _database(database: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    if not environment.get("DATABASE_URL") and not environment.get("DATABASE_URL_FILE"):
        yield "DATABASE_URL is missing: name the database; production does not fall back to a file of its own."
        return
    over_network = not str(database["ENGINE"]).endswith("sqlite3") and not str(database.get("HOST") or "").startswith(
        "/"
    )
    password = str(database.get("PASSWORD") or "")
    if over_network and (password.lower() in _WEAK_PASSWORDS or password == database.get("USER")):
        yield "DATABASE_URL: the password is missing or is a default one; choose a random one."


def _owner(databases: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    owner = databases.get("owner")
    if owner and owner.get("USER") == databases["default"].get("USER"):
        yield "DATABASE_URL and DATABASE_OWNER_URL name the same login: the application's must not own its tables."


def _hosts(hosts: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    if not environment.get("ALLOWED_HOSTS"):
        yield "ALLOWED_HOSTS is missing: list the host names under which people reach this server."
    for host in hosts:
        if "*" in host or host.startswith(".") or not host.strip():
            yield f"ALLOWED_HOSTS: {host!r} is open; list each host name in full."


def _origins(origins: list[str]) -> Iterator[str]:
    if not origins:
        yield "ALLOWED_ORIGINS is missing: list the https:// origins whose pages may open sockets."
    for origin in origins:
        if not re.fullmatch(r"https://[\w.-]+(:\d{1,5})?", origin):
            yield f"ALLOWED_ORIGINS: {origin!r} is not of the form https://host."


def _proxies(proxies: list[str]) -> Iterator[str]:
    for proxy in proxies:
        if proxy.strip() in {"*", "0.0.0.0/0", "::/0"}:
            yield "TRUSTED_PROXIES is open: anybody could claim any client address; list the proxies' addresses."


def _switches(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    if settings["DEBUG"] or environment.get("DEBUG", "").lower() in {"1", "true", "yes", "on", "y", "ok"}:
        yield "DEBUG is on: it shows settings and source to everybody; remove it."
    for name in sorted(environment):
        if name.endswith("_EMULATOR_HOST") and environment[name]:
            yield f"{name} is set: an emulator checks no rights; remove it."
    for name in TEST_CONTROLS:
        if environment.get(name):
            yield f"{name} is a control for tests; remove it."
    for name in DEMO_SWITCHES:
        if environment.get(name):
            yield f"{name} belongs to the demo company, whose accounts everybody knows; remove it."
