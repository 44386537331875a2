"""Where `${NAME}` in a configuration file comes from: the environment, or the file that `NAME_FILE` names."""

import os
from collections.abc import Mapping
from pathlib import Path


def lookup(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The value, without the newline that editors add to a file; None when neither is set or the file is unreadable."""
    if name in environment:
        return environment[name]
    file = environment.get(f"{name}_FILE")
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None
