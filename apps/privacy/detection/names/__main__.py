"""Build `first.txt` and `last.txt` anew from Faker, a development dependency: `python -m apps.privacy.detection.names`.

`ambiguous.txt` is kept by hand.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import faker.providers.person as people

_FOLDER = Path(__file__).parent
_HEADER = "# Built by `python -m apps.privacy.detection.names` from Faker (MIT); one name a line.\n"


def _names(prefix: str) -> Iterator[str]:
    for info in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"{people.__name__}.{info.name}").Provider
        for attribute in dir(provider):
            value = getattr(provider, attribute)
            if attribute.startswith(prefix) and isinstance(value, list | tuple | dict):
                yield from (name for name in value if isinstance(name, str))


def _usable(names: Iterable[str]) -> list[str]:
    """Single words in a script that has capitals; composite names are found part by part."""
    return sorted(
        {
            n
            for n in names
            if len(n) > 1 and n[0].isupper() and not n.isupper() and n.translate({39: "", 8217: ""}).isalpha()
        }
    )


if __name__ == "__main__":
    for target in ("first", "last"):
        lines = _usable(_names(f"{target}_name"))
        (_FOLDER / f"{target}.txt").write_text(_HEADER + "\n".join(lines) + "\n", encoding="utf-8")
