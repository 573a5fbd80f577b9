"""The plugin host: pluggy hooks, the built-ins registered through the same hooks as everybody else's.

A plugin is a module (or any object) named by an entry point of the group ``interlingua``::

    from interlingua.plugins import API_VERSION, hookimpl

    INTERLINGUA_API = API_VERSION          # written as the number: the version that the plugin was made for

    @hookimpl
    def interlingua_backends():
        return [MyBackend()]

A plugin that fails to load is reported (:attr:`Plugins.problems`) and the others go on; two plugins that claim one
name are an error that names both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from interlingua.errors import DuplicateName, IncompatiblePlugin, PluginError, UsageError

if TYPE_CHECKING:
    from interlingua.backends.base import Backend
    from interlingua.frontends.base import Frontend
    from interlingua.ir.dialect import Dialect
    from interlingua.passes.base import Pass
    from interlingua.runtimes.runtime import Runtime

T = TypeVar("T")

GROUP = "interlingua"
API_VERSION = 1

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


class Hooks:
    """What a plugin may provide; each hook gives a list, that of translations a mapping."""

    @hookspec
    def interlingua_frontends(self) -> list[Frontend]:  # type: ignore[empty-body]
        """Frontends, as instances."""

    @hookspec
    def interlingua_backends(self) -> list[Backend]:  # type: ignore[empty-body]
        """Backends, as instances."""

    @hookspec
    def interlingua_passes(self) -> list[type[Pass]]:  # type: ignore[empty-body]
        """Pass classes."""

    @hookspec
    def interlingua_dialects(self) -> list[Dialect]:  # type: ignore[empty-body]
        """Dialects."""

    @hookspec
    def interlingua_translations(self) -> dict[str, Any]:  # type: ignore[empty-body]
        """Tables of translations by the name of the frontend that they are for: of a framework's custom ops."""

    @hookspec
    def interlingua_runtimes(self) -> list[Runtime]:  # type: ignore[empty-body]
        """Runtimes, as instances: what runs files, whoever made them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A plugin that could not be used, and why."""

    plugin: str
    error: PluginError


class Plugins:
    """The plugins that were found, and what they provide."""

    def __init__(self, found: Iterable[EntryPoint] | None = None) -> None:
        from interlingua import builtin

        self.problems: list[Problem] = []
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(Hooks)
        self._manager.register(builtin, "interlingua")
        for entry in sorted(entry_points(group=GROUP) if found is None else found, key=lambda e: (e.name, e.value)):
            self._load(entry)

    def _load(self, entry: EntryPoint) -> None:
        owner = f"{entry.name} ({entry.value})"
        try:
            plugin = entry.load()
            version = getattr(plugin, "INTERLINGUA_API", None)
            if version != API_VERSION:
                raise IncompatiblePlugin(
                    f"the plugin {owner} is written for plugin interface {version}, this is {API_VERSION}",
                    hint="install a version of the plugin that fits, and see INTERLINGUA_API in the documentation",
                )
            self._manager.register(plugin, owner)
        except PluginError as error:
            self.problems.append(Problem(owner, error))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported, the others go on
            self.problems.append(
                Problem(owner, PluginError(f"the plugin {owner} fails to load: {type(error).__name__}: {error}"))
            )

    def _provided(self, hook: str) -> list[tuple[str, Any]]:
        """(owner, item) of everything that a hook provides, the built-ins first."""
        items: list[tuple[str, Any]] = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            try:
                found: Any = implementation.function()
                named = isinstance(found, Mapping)
                provided: list[Any] = list(cast("Mapping[str, Any]", found).items() if named else found)
                items.extend((owner, item) for item in provided)
            except Exception as error:  # noqa: BLE001 - as above
                self._problem(
                    owner, PluginError(f"{hook} of the plugin {owner} fails: {type(error).__name__}: {error}")
                )
        return items

    def _problem(self, owner: str, error: PluginError) -> None:
        """Report an error once, however often it is met."""
        if not any(p.plugin == owner and str(p.error) == str(error) for p in self.problems):
            self.problems.append(Problem(owner, error))

    def _by_name(self, hook: str, name_of: Callable[[Any], str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        owners: dict[str, str] = {}
        for owner, item in self._provided(hook):
            name = name_of(item)
            if name in found:
                raise DuplicateName(
                    f"{name!r} is provided by both {owners[name]} and {owner}", hint="uninstall one of the two plugins"
                )
            found[name], owners[name] = item, owner
        return found

    @property
    def frontends(self) -> dict[str, Frontend]:
        found: dict[str, Frontend] = self._by_name("interlingua_frontends", lambda f: str(f.name))
        for owner, (name, table) in self._provided("interlingua_translations"):
            try:
                _pick(found, name, "frontend").extend(owner, table)
            except (PluginError, UsageError) as error:
                self._problem(owner, error if isinstance(error, PluginError) else PluginError(error.what))
        return found

    @property
    def backends(self) -> dict[str, Backend]:
        return self._by_name("interlingua_backends", lambda b: str(b.name))

    @property
    def passes(self) -> dict[str, type[Pass]]:
        return self._by_name("interlingua_passes", lambda p: str(p.name))

    @property
    def dialects(self) -> dict[str, Dialect]:
        return self._by_name("interlingua_dialects", lambda d: str(d.name))

    @property
    def runtimes(self) -> dict[str, Runtime]:
        return self._by_name("interlingua_runtimes", lambda r: str(r.name))

    def owners(self, kind: str) -> dict[str, str]:
        """Who provides each name; ``kind`` is frontends, backends, passes, dialects or runtimes."""
        return {str(item.name): owner for owner, item in self._provided(f"interlingua_{kind}")}

    def backend(self, name: str) -> Backend:
        """The backend called ``name``.

        Raises:
            UsageError: there is none.
        """
        return _pick(self.backends, name, "backend")

    def frontend(self, name: str) -> Frontend:
        """The frontend called ``name``.

        Raises:
            UsageError: there is none.
        """
        return _pick(self.frontends, name, "frontend")


def _pick(found: dict[str, T], name: str, kind: str) -> T:
    if name not in found:
        raise UsageError(f"no {kind} is called {name!r}", hint=f"there are: {', '.join(found)}")
    return found[name]


@cache
def plugins() -> Plugins:
    """The plugins of this process, found once."""
    return Plugins()
