"""Each of the two things that are compared: what runs it, what it takes, and its graph where there is one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlingua.diagnosis.compare.functions import FunctionRunner, function_name
from interlingua.driver import Conversion, frontend_of
from interlingua.errors import RuntimeMissing, UnsupportedOps, UsageError
from interlingua.frontends.base import Frontend
from interlingua.ir.graph import Module, Port, Value
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins
from interlingua.runtimes.base import Runner
from interlingua.runtimes.interface import Interface, Slot
from interlingua.runtimes.interpreter import ModuleRunner
from interlingua.runtimes.runtime import Runtime


@dataclass(slots=True)
class Side:
    """One of the two.

    Attributes:
        label: what to call it.
        runner: runs it.
        interface: ``None`` for a function: it says nothing of itself.
        module: its graph, which bounds are derived from; ``None`` where nobody reads one.
        why: what keeps it from having a graph.
        independent: whether it was made without our reading of a source; modules and conversions are not.
        witnesses: other ways of running it.
    """

    label: str
    runner: Runner
    interface: Interface | None
    module: Module | None = None
    why: str = ""
    independent: bool = True
    witnesses: Sequence[Runner] = field(default_factory=list[Runner])

    @property
    def known(self) -> Interface:
        """The interface, empty where nothing is known of it."""
        return Interface((), ()) if self.interface is None else self.interface


def open_side(source: Any, *, timeout: float) -> Side:
    """Whatever ``source`` is: a conversion, a module, a file, its bytes, a framework's object, a function.

    Raises:
        UsageError: it is nothing that can be run.
        InvalidModel: it is a damaged model.
        RunnerError: its interface is known to its runtime alone, and that does not tell.
    """
    if isinstance(source, Conversion):
        if source.artifact is None:
            raise UsageError("the conversion has no artifact", hint=source.report.reason)
        runner, label = source.backend.runner(source.artifact), f"the {source.backend.name} artifact"
        return Side(label, runner, interface_of(source.module), source.module, independent=False)
    if isinstance(source, Module):
        label = source.metadata.get("graph") or "a module"
        return Side(f"{label} (module)", ModuleRunner(source), interface_of(source), source, independent=False)
    if isinstance(source, str | os.PathLike):
        return _open_file(Path(source), timeout)
    return _open_object(source, timeout)


def _open_file(path: Path, timeout: float) -> Side:
    if not path.exists():
        raise UsageError(f"no file {path}")
    runtime, frontend = _runtime_for(path), _frontend_for(path)
    if runtime is None and frontend is None:
        backend = next((b for b in plugins().backends.values() if b.extension == path.suffix), None)
        if backend is not None:
            return Side(str(path), backend.runner(path), None, why=f"nothing reads {path.suffix} files")
        raise UsageError(f"nothing runs {path.suffix or 'such'} files: {path}", hint=_endings())
    return _opened(path, str(path), runtime, frontend, timeout)


def _open_object(source: Any, timeout: float) -> Side:
    runtime = _runtime_for(source)
    frontend = _frontend_for(source) if runtime is None else None
    if runtime is not None or frontend is not None:
        return _opened(source, type(source).__name__, runtime, frontend, timeout)
    if callable(source):
        return Side(function_name(source), FunctionRunner(source), None, why="a function has no graph")
    raise UsageError(
        f"nothing runs a {type(source).__name__}",
        hint=f"give a model's path or bytes, a module, a conversion or a function; {_endings()}",
    )


def _opened(source: Any, label: str, runtime: Runtime | None, frontend: Frontend | None, timeout: float) -> Side:
    module, why = _graph(source, frontend)
    runner = runtime.runner(source) if runtime is not None else _own(frontend).runner(source)
    if module is not None:
        found = interface_of(module)
    elif runtime is not None:
        found = runtime.interface(source, timeout=timeout)
    else:
        raise UsageError(f"{label} cannot be run: {why}")
    witnesses = [*([] if frontend is None else frontend.witnesses(source))]
    witnesses += [] if runtime is None else runtime.witnesses(source)
    return Side(label, runner, found, module, why, witnesses=witnesses)


def _graph(source: Any, frontend: Frontend | None) -> tuple[Module | None, str]:
    if frontend is None:
        return None, "no frontend reads it"
    try:
        return frontend.load(source), ""
    except (UnsupportedOps, RuntimeMissing) as error:
        return None, error.what


def _own(frontend: Frontend | None) -> Frontend:
    if frontend is None:
        raise UsageError("nothing runs it")
    return frontend


def _runtime_for(source: Any) -> Runtime | None:
    return next((r for r in plugins().runtimes.values() if r.accepts(source)), None)


def _frontend_for(source: Any) -> Frontend | None:
    try:
        frontend = frontend_of(source)
    except UsageError:
        return None
    return frontend if frontend.describes_itself(source) else None


def _endings() -> str:
    host = plugins()
    known = [e for r in host.runtimes.values() for e in r.extensions]
    known += [e for f in host.frontends.values() for e in f.extensions]
    return f"files end in {', '.join(dict.fromkeys(known))}; a plugin can add a runtime"


def interface_of(module: Module) -> Interface:
    """What a module takes and gives."""
    inputs = zip(module.inputs, module.main.inputs, strict=True)
    outputs = zip(module.outputs, module.main.outputs, strict=True)
    return Interface(tuple(_slot(*pair) for pair in inputs), tuple(_slot(*pair) for pair in outputs))


def _slot(port: Port, value: Value) -> Slot:
    optional = port.default is not None
    if not isinstance(value.type, Tensor):
        return Slot(port.name, optional=optional, note=str(value.type))
    shape = value.type.shape
    dims = None if shape is None else tuple(d if isinstance(d, int) else str(d) for d in shape)
    return Slot(port.name, value.type.dtype, dims, optional=optional)
