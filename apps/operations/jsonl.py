"""Files of JSON lines, as the commands that try texts out read them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

Line = dict[str, Any]


def read(path: Path, name: str, *aliases: str) -> Iterator[Line]:
    """The objects of a file, each with an `id` and a string under `name`; blank lines are skipped.

    Args:
        aliases: names under which the string is taken as well; it comes out under `name`.

    Raises:
        CommandError: names the file and the line that is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _object(line, (name, *aliases), f"{path}:{number}")


def _object(line: str, names: tuple[str, ...], place: str) -> Line:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise CommandError(f"{place} is not JSON: {error}") from error
    texts = [value[name] for name in names if name in value] if isinstance(value, dict) and "id" in value else []
    if not texts or not isinstance(texts[0], str):
        raise CommandError(f'{place} must be an object with "id" and a string "{names[0]}".')
    return {**value, names[0]: texts[0]}
