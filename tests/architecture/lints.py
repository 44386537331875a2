"""The house rules that no off-the-shelf linter knows: each takes sources and returns violations, `path:line: what`."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 300

NETWORK = ("aiohttp", "httpx", "requests", "urllib.request", "urllib3", "socket", "firebase_admin", "google.cloud")
MAY_CALL_OUT = (
    "apps/providers/adapters/",
    "apps/mirror/firestore.py",
    "apps/identity/fetch.py",
    "apps/audit/anchors.py",
)
NEITHER_CLIENTS = {
    # Listening sockets and host names, no connection to anybody.
    "apps/core/tasks.py": {"socket"},
    "apps/operations/management/commands/up.py": {"socket"},
    "openroute_site/serve.py": {"socket"},
    # Hangs up on a database that does not answer; it connects nowhere.
    "apps/core/postgres/link.py": {"socket"},
    # The names of options that make a dead connection to Redis end.
    "openroute_site/settings/parts/channels.py": {"socket"},
}


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def long_functions(sources: Iterable[Source]) -> list[str]:
    return [
        f"{source.path}:{function.lineno}: {function.name} has {length} lines"
        for source in sources
        for function in _functions(source)
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > MAX_FUNCTION_LINES
    ]


def long_files(sources: Iterable[Source]) -> list[str]:
    return [f"{source.path}: {source.lines} lines" for source in sources if source.lines > MAX_FILE_LINES]


def late_imports(sources: Iterable[Source]) -> list[str]:
    """Imports inside functions hide cycles and cost the first caller."""
    return [
        f"{source.path}:{node.lineno}: {function.name} imports late"
        for source in sources
        for function in _functions(source)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def broad_excepts(sources: Iterable[Source]) -> list[str]:
    """`except Exception` and wider ones, unless they clean up and raise again."""
    return [
        f"{source.path}:{node.lineno}: catches everything"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node)
    ]


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"} for name in names)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def network_clients(sources: Iterable[Source]) -> list[str]:
    """Whoever can open a connection stands on the list, so that every way out passes the egress check (P15, P20)."""
    return [
        f"{source.path}:{node.lineno}: imports {name}"
        for source in sources
        if not source.path.startswith(MAY_CALL_OUT)
        for name, node in source.imports()
        for client in NETWORK
        if f"{name}.".startswith(f"{client}.") and client not in NEITHER_CLIENTS.get(source.path, ())
    ]


def used_outside(sources: Iterable[Source], names: set[str], home: tuple[str, ...]) -> list[str]:
    """Uses of dotted names such as `transaction.atomic`, and imports of their last part, outside `home`."""
    last_parts = {name.rpartition(".")[2] for name in names}
    return [
        f"{source.path}:{line}: uses {used}"
        for source in sources
        if source.path not in home
        for used, line in _uses(source, names, last_parts)
    ]


def _uses(source: Source, names: set[str], last_parts: set[str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in names:
            yield ast.unparse(node), node.lineno
    for name, statement in source.imports():
        module, _, last = name.rpartition(".")
        if last in last_parts and any(f"{module}.{last}".endswith(f"{wanted}") for wanted in names):
            yield name, statement.lineno


def unscoped_queries(sources: Iterable[Source]) -> list[str]:
    """`_base_manager` and `_default_manager` go round the scoping of tenants."""
    return [
        f"{source.path}:{node.lineno}: {node.attr} goes round the tenant's scope"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"_base_manager", "_default_manager"}
    ]
