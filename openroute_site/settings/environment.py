"""Where values come from: the environment, files that `NAME_FILE` names, and secrets that a first start makes."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parents[2]


class SecretFiles(FileAwareMapping):  # type: ignore[misc]  # django-environ has no types
    """The environment, where `NAME_FILE` stands for the content of a file, without the newline that editors add."""

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read as text.") from error


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """django-environ's reader over `SecretFiles`."""

    ENVIRON = SecretFiles()


env = Environment()


def secret(name: str) -> str:
    """A secret as it stands, or an empty string. `env()` would take a leading `$` for the name of another variable."""
    return str(env.ENVIRON.get(name, "")).strip()


def secrets_of(name: str) -> list[str]:
    """A comma-separated list of secrets; the first one is the newest."""
    return [part.strip() for part in secret(name).split(",") if part.strip()]


def random_token() -> str:
    """64 characters from the system's entropy."""
    return secrets.token_urlsafe(48)


def kept_secret(name: str, make: Callable[[], str], *, folder: Path) -> str:
    """The secret that an earlier start left in `folder/secrets`, or a new one, readable by this user only.

    Several processes may start at once: each writes a draft, the first one that links it to the final name wins, and
    all of them read the winner's.
    """
    home = folder / "secrets"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = home / name
    if not kept.exists():
        draft = home / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):
            os.link(draft, kept)
        draft.unlink()
    return kept.read_text(encoding="ascii").strip()
