"""The Python doors: load, evaluate, check, convert, verify, save; :mod:`interlingua.transform` has optimize."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from interlingua.artifact import install, staging
from interlingua.backends.base import Backend, Target
from interlingua.collector import uncollected
from interlingua.equivalence.verify import Original, verify_runners
from interlingua.errors import UnsupportedOps, UsageError, VerificationFailed
from interlingua.frontends.base import Frontend, Loaded
from interlingua.interface import rename
from interlingua.ir.archive import SUFFIX, save_archive
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter, Precision
from interlingua.passes.pipeline import Passes, resolve
from interlingua.plugins import plugins
from interlingua.report import Report, Verdict
from interlingua.runtimes.base import TIMEOUT
from interlingua.runtimes.interpreter import ModuleRunner
from interlingua.stages import prepare

Inputs: TypeAlias = "Mapping[str, Any] | Sequence[Any]"
Progress: TypeAlias = Callable[[str], None]


def frontend_of(source: Any, name: str | None = None) -> Frontend:
    """The frontend for ``source``: the one that is named, or the first that accepts it.

    Raises:
        UsageError: none does.
    """
    host = plugins()
    if name is not None:
        return host.frontend(name)
    for frontend in host.frontends.values():
        if frontend.accepts(source):
            return frontend
    endings = ", ".join(e for f in host.frontends.values() for e in f.extensions)
    shown = source if isinstance(source, str | Path) else type(source).__name__
    raise UsageError(f"no frontend takes {shown}", hint=f"files end in {endings}; or name one with frontend=")


def load(source: Any, *, frontend: str | None = None, **options: Any) -> Module:
    """A model as a module.

    Args:
        source: a path, the bytes of a file, or a framework's own object.
        frontend: its name, where it is not plain from the source.
        options: the frontend's own.

    Raises:
        InvalidModel: the source is damaged.
        UnsupportedOps: everything that has no translation, at once.
    """
    if isinstance(source, Module):
        return source
    with uncollected():
        return frontend_of(source, frontend).load(source, **options)


def save(module: Module, path: str | Path) -> None:
    """Write the archive form: ``path`` (which ends in ``.il``) and the weights beside it. :func:`load` reads it."""
    path = Path(path)
    if path.suffix != SUFFIX:
        raise UsageError(f"{path} does not end in {SUFFIX}", hint="convert(…, to=…) writes artifacts of other kinds")
    save_archive(module, path)


def evaluate(module: Module, inputs: Inputs, *, precision: Precision = "native") -> dict[str, Any]:
    """The module's outputs by its reference semantics, by name in interface order.

    Args:
        module: what :func:`load` gave.
        inputs: arrays by name, or in interface order.
        precision: ``native`` computes in the declared dtypes, ``float64`` widens every float: the oracle.

    Raises:
        EvaluationError: the inputs do not fit the interface, or the computation is impossible on them.
        UnsupportedOps: the module holds ops that nothing here knows: all of them.
    """
    if precision not in ("native", "float64"):
        raise UsageError(f"precision {precision!r} is none", hint="native or float64")
    return Interpreter(module, precision).run(inputs)


def check(
    source: Any,
    *,
    to: str,
    frontend: str | None = None,
    example_inputs: Any = None,
    dynamic_shapes: Any = None,
    **options: Any,
) -> Report:
    """Whether a backend can take a model, before any work: everything unsupported at once, by op and reason.

    Args:
        source: a module, or what :func:`load` takes.
        to: the backend.
        frontend: as in :func:`load`.
        example_inputs, dynamic_shapes: as in :func:`convert`.
        options: the frontend's and the backend's own, ``state`` and ``opset`` for two.
    """
    backend = plugins().backend(to)
    report = Report(Verdict.SUPPORTED, subject=to)
    try:
        own = _own_options(source, frontend, options)
        module = _source(source, frontend, {**_given(example_inputs, dynamic_shapes), **own}).module
        prepare(module, backend, resolve(None, plugins().passes, backend.pipeline), backend.targets(module, **options))
    except UnsupportedOps as error:
        report.verdict, report.reason = Verdict.UNSUPPORTED, error.what
        report.unsupported = {f"{op}: {reason}": places for (op, reason), places in error.groups().items()}
    return report


@dataclass(slots=True, weakref_slot=True)
class Conversion:
    """A converted model. ``artifact`` is its path: the output that was asked for, or a temporary one.

    ``report`` holds the evidence, ``verdict`` what it says.
    """

    artifact: Path | None
    report: Report
    module: Module
    backend: Backend
    target: Target

    @property
    def verdict(self) -> Verdict:
        return self.report.verdict

    def run(self, inputs: Inputs, *, timeout: float = TIMEOUT) -> dict[str, Any]:
        """The artifact's outputs, from its own runtime.

        Raises:
            RunnerError: the runtime is missing, refused, died or took too long.
        """
        from interlingua.errors import RuntimeCrash
        from interlingua.ir.interpret import bind_inputs

        arrays = dict(zip(self.module.input_names, bind_inputs(self.module, inputs), strict=True))
        (outcome,) = self.backend.runner(self._path()).run([arrays], timeout=timeout)
        if outcome.outputs is None:
            raise RuntimeCrash(f"the artifact fails on these inputs: {outcome.error}", where=str(self.artifact))
        return outcome.outputs

    def save(self, path: str | Path) -> Path:
        """Write the artifact at ``path`` as well: the same emission, bit for bit but for the name of a weight file."""
        self._path()
        output = Path(path)
        with staging(output) as folder:
            self.backend.emit(self.module, folder / output.name, self.target)
            install(folder / output.name, output)
        return output

    def load(self) -> Any:
        """The artifact as an object in this process: of the ``torch`` backend a ``torch.nn.Module``, with its weights.

        Raises:
            UsageError: artifacts of this backend have no such form.
        """
        return self.backend.open(self._path())

    def _path(self) -> Path:
        if self.artifact is None:
            raise VerificationFailed(self.report.reason or "there is no artifact")
        return self.artifact


@contextmanager
def _timed(report: Report, stage: str, progress: Progress | None) -> Generator[None]:
    if progress is not None:
        progress(stage)
    start = time.perf_counter()
    yield
    report.timings[stage] = time.perf_counter() - start


@contextmanager
def _building(report: Report, stage: str, progress: Progress | None) -> Generator[None]:
    with uncollected(), _timed(report, stage, progress):
        yield


def convert(
    source: Any,
    *,
    to: str,
    output: str | Path | None = None,
    frontend: str | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    example_inputs: Any = None,
    dynamic_shapes: Any = None,
    passes: Passes | None = None,
    verify: bool = True,
    allow_unverified: bool = False,
    examples: Sequence[Inputs] = (),
    seed: int = 0,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    **options: Any,
) -> Conversion:
    """Convert a model, and run the artifact against its source.

    Args:
        source: a path, bytes, a framework's own object, or a module.
        to: the backend.
        output: where the artifact goes; without it, a temporary place that lives as long as the result.
        frontend: its name, where it is not plain from the source.
        input_names, output_names: new names, in interface order.
        example_inputs: what a framework's module is traced on: positional arguments, or keyword arguments by name.
        dynamic_shapes: by input name, its dims: a string names one. For a file an integer fixes one and ``None`` leaves
            it open; for a module of PyTorch it is what ``torch.export`` takes, and ``None`` or an integer fixes it.
        passes: a pipeline's name, or passes; without it, the pipeline that the backend names.
        verify: whether to run artifact and source; without it the verdict is UNVERIFIED.
        allow_unverified: keep an artifact that failed verification.
        examples: sets of inputs to verify on, in place of generated ones.
        seed: of the values generated.
        timeout: seconds for each process that runs a model.
        progress: is told each stage as it begins.
        options: the frontend's and the backend's own, ``state`` and ``opset`` for two.

    Raises:
        InvalidModel, UnsupportedOps, UsageError: before anything is written.
        VerificationFailed: the artifact is wrong, crashes or hangs; nothing was written. ``.report`` says how.
    """
    backend = plugins().backend(to)
    report = Report(Verdict.UNVERIFIED, "verification was turned off", subject=to)
    with _building(report, "load", progress):
        own = _own_options(source, frontend, options)
        original = _source(source, frontend, {**_given(example_inputs, dynamic_shapes), **own})
        module = rename(original.module, input_names, output_names)
        if verify:
            original = replace(original, module=clone_module(module))
        targets = backend.targets(module, **options)
        chosen = resolve(passes, plugins().passes, backend.pipeline)
    aim = prepare(module, backend, chosen, targets, lambda stage: _building(report, stage, progress))
    report.notes.extend(filter(None, [str(aim)]))
    final = None if output is None else Path(output)
    with staging(final) as folder:
        staged = folder / (final.name if final is not None else f"model{backend.extension}")
        with _building(report, "emit", progress):
            backend.emit(module, staged, aim.target)
        if verify:
            with _timed(report, "verify", progress):
                found = verify_runners(
                    original, backend.runner(staged), timeout=timeout, seed=seed, examples=_by_name(module, examples)
                )
            found.timings, found.subject = report.timings, report.subject
            found.notes[:0] = report.notes
            report = found
        return _hand_over(Conversion(None, report, module, backend, aim.target), staged, final, allow_unverified)


def _given(example_inputs: Any, dynamic_shapes: Any) -> dict[str, Any]:
    """What a caller said, as options for the frontend."""
    options = {"example_inputs": example_inputs, "dynamic_shapes": dynamic_shapes}
    return {name: value for name, value in options.items() if value is not None}


def _own_options(source: Any, name: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """Take out of ``options`` those of the source's frontend."""
    if isinstance(source, Module):
        return {}
    return {key: options.pop(key) for key in frontend_of(source, name).options if key in options}


def _source(source: Any, name: str | None, options: Mapping[str, Any]) -> Original:
    """The source as a module of our own to change, and what runs it."""
    if isinstance(source, Module):
        if options:
            raise UsageError("a module's shapes are fixed", hint="give dynamic_shapes to load instead")
        loaded = Loaded(clone_module(source), ModuleRunner(source))
    else:
        loaded = frontend_of(source, name).read(source, **options)
    module = loaded.module
    return Original(module, loaded.runner, loaded.witnesses, (module.input_names, module.output_names))


def _by_name(module: Module, examples: Sequence[Inputs]) -> list[Mapping[str, Any]]:
    return [e if isinstance(e, Mapping) else dict(zip(module.input_names, e, strict=True)) for e in examples]


def _hand_over(made: Conversion, staged: Path, final: Path | None, allow_unverified: bool) -> Conversion:
    """Put the artifact where it was asked for, if the evidence allows."""
    if made.verdict.failed and not allow_unverified:
        error = VerificationFailed(
            f"{made.verdict.value}: {made.report.reason}",
            hint="nothing was written; look at the report, or keep the artifact with allow_unverified",
        )
        error.report = made.report
        raise error
    if final is None:
        folder = tempfile.mkdtemp(prefix="interlingua-")
        weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
        final = Path(folder) / staged.name
    install(staged, final)
    made.artifact = final
    return made


def verify(
    source: Any,
    artifact: str | Path,
    *,
    to: str | None = None,
    frontend: str | None = None,
    example_inputs: Any = None,
    dynamic_shapes: Any = None,
    examples: Sequence[Inputs] = (),
    seed: int = 0,
    timeout: float = TIMEOUT,
    explain: bool = False,
    **options: Any,
) -> Report:
    """Run an artifact, whoever made it, against its source.

    Args:
        source: as in :func:`convert`.
        artifact: its path.
        to: the backend whose runtime runs it; by its ending where it is not given.
        frontend, example_inputs, dynamic_shapes, examples, seed, timeout: as in :func:`convert`.
        explain: whether to say where the error to expect at the worst element comes from; takes a while.
        options: the frontend's own.
    """
    path = Path(artifact)
    if not path.exists():
        raise UsageError(f"no file {path}")
    backend = plugins().backend(to) if to is not None else _backend_for(path)
    original = _source(source, frontend, {**_given(example_inputs, dynamic_shapes), **options})
    given = _by_name(original.module, examples)
    return verify_runners(original, backend.runner(path), timeout=timeout, seed=seed, examples=given, explain=explain)


def _backend_for(path: Path) -> Backend:
    for backend in plugins().backends.values():
        if backend.extension == path.suffix:
            return backend
    endings = ", ".join(b.extension for b in plugins().backends.values())
    raise UsageError(f"no backend makes {path.suffix!r} files", hint=f"they end in {endings}; or name one with to=")
