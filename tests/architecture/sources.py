"""The project's own Python sources, parsed once, for the lints of this folder."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("apps", "openroute_site")


@dataclass(frozen=True)
class Source:
    """A module: its path relative to the checkout, and its syntax tree."""

    path: str
    tree: ast.Module
    lines: int

    def imports(self) -> Iterator[tuple[str, ast.stmt]]:
        """Each imported dotted name, `from a import b` as `a.b`, with its statement."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def parse(path: Path, root: Path = ROOT) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(root).as_posix(), ast.parse(text), text.count("\n") + 1)


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every module of the project but migrations, which Django writes."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return tuple(parse(file) for file in files if "migrations" not in file.parts)
