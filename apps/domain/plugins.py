"""A file in the folder is the registration: each public module of a package provides a `PLUGIN`."""

import importlib
import pkgutil
from typing import Protocol, TypeVar


class Named(Protocol):
    """What every plugin has: the name under which configuration refers to it."""

    @property
    def name(self) -> str: ...


PluginT = TypeVar("PluginT", bound=Named)


class PluginError(Exception):
    """A module of a plugin folder offers no `PLUGIN`, one of the wrong shape, or a name that is taken."""


def load(package: str, protocol: type[PluginT]) -> dict[str, PluginT]:
    """Import each module of `package` whose name has no leading underscore and collect its `PLUGIN` by name.

    Args:
        package: dotted name of the folder, such as `apps.routing.engine.strategies`.
        protocol: a runtime-checkable protocol that each plugin must satisfy.

    Raises:
        PluginError: says which module is wrong and what is missing.
    """
    found: dict[str, PluginT] = {}
    folder = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        plugin = getattr(module, "PLUGIN", None)
        if plugin is None or not isinstance(plugin, protocol):
            raise PluginError(f"{package}.{info.name}: PLUGIN is missing or is no {protocol.__name__}")
        if plugin.name in found:
            raise PluginError(f"{package}.{info.name}: the name {plugin.name!r} is taken")
        found[plugin.name] = plugin
    return found
