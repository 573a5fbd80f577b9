"""What has to hold of every op, of one sample at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import interlingua
from interlingua.backends.base import Backend
from interlingua.diagnosis.observe import BackendSubject, Observation
from interlingua.equivalence.expect import expect
from interlingua.equivalence.expectation import exactly
from interlingua.equivalence.generators.modules import module_of
from interlingua.equivalence.judge import judge
from interlingua.equivalence.known_issues import Facts, KnownIssues
from interlingua.errors import UnsupportedOps
from interlingua.ir.clone import clone_module
from interlingua.ir.decompose import decompose_all
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import Sample
from interlingua.ir.graph import Module, Port
from interlingua.ir.text.parser import parse_module
from interlingua.ir.text.printer import print_module, weight_names
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from interlingua.report import Verdict
from interlingua.stages import stages

FINE = (Verdict.VERIFIED, Verdict.AMBIGUOUS, Verdict.UNDEFINED, Verdict.UNSUPPORTED)
"""What may come of a backend: the right answer, no answer to be had, or an op that it never claimed."""


@dataclass(frozen=True)
class Example:
    """A sample as a module."""

    module: Module
    inputs: Mapping[str, Any]
    symbolic: bool

    @classmethod
    def of(cls, sample: Sample, symbolic: bool) -> Example:
        module, arrays = module_of(sample, symbolic=symbolic)
        return cls(module, dict(zip(module.input_names, arrays, strict=True)), symbolic)

    @property
    def random(self) -> bool:
        return any("random" in node.op.effects for node in self.module.walk())


def type_rule_agrees(example: Example) -> None:
    """The interpreter holds every result against its declared type, symbols bound."""
    verify_module(example.module)
    interlingua.evaluate(example.module, example.inputs)


def decomposition_agrees(example: Example) -> None:
    """What is left after decomposition is core, and within the bound of the whole."""
    parts = clone_module(example.module)
    decompose_all(parts)
    verify_module(parts)
    if not example.symbolic:
        assert [n.op.name for n in parts.walk() if n.op.decompose is not None] == []
    if not example.random:
        _right(example, interlingua.evaluate(parts, example.inputs), "decomposition")


def text_round_trips(example: Example) -> None:
    """Printed, parsed and printed again it is the same."""
    text = print_module(example.module)
    assert print_module(parse_module(text, builtin_ops(), weight_names(example.module))) == text


def archive_round_trips(example: Example) -> None:
    """Saved and loaded it is the same, and computes the same."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "module.il"
        interlingua.save(example.module, path)
        again = interlingua.load(path)
        assert print_module(again) == print_module(example.module)
        if not example.random:
            _right(example, interlingua.evaluate(again, example.inputs), "archive")


def onnx_round_trips(example: Example, backend: Backend) -> None:
    """What the ONNX backend writes, the ONNX frontend reads as something that computes the same."""
    with TemporaryDirectory() as folder:
        try:
            path = _written(example.module, backend, Path(folder) / "model")
        except UnsupportedOps:
            return
        again = _read(path)
        if not example.random:
            _right(example, interlingua.evaluate(again, example.inputs), "read back")


def litert_round_trips(example: Example, backend: Backend, issues: KnownIssues) -> None:
    """What the LiteRT backend writes, the LiteRT frontend reads as something that has the same interface and computes
    the same; from there to a file again and back, not a bit changes.

    The first way is judged: a file holds the formula by which an op is written, ``x·σ(x)`` for ``silu``. The second is
    exact: a formula is of ops that LiteRT has, which are written as themselves. ``issues`` are those of the runtime;
    some of them are the formulas'.
    """
    with TemporaryDirectory() as folder:
        try:
            path = _written(example.module, backend, Path(folder) / "once")
        except UnsupportedOps:
            return
        once = _read(path)
        assert _declared(once) == _inferred(example.module)
        twice = _read(_written(once, backend, Path(folder) / "twice"))
        assert _declared(twice) == _inferred(once)
        if not example.random:
            outputs = interlingua.evaluate(once, example.inputs)
            _right(example, outputs, "read back", issues)
            same = judge(exactly(outputs), interlingua.evaluate(twice, example.inputs), "read back twice")
            assert [c for c in same if c.verdict is not Verdict.VERIFIED] == []


def _written(module: Module, backend: Backend, stem: Path) -> Path:
    """The artifact of ``module``, which stays as it is.

    Raises:
        UnsupportedOps: the backend does not take it.
    """
    legal = clone_module(module)
    target = backend.target(legal)
    path = stem.with_suffix(backend.extension)
    for stage in stages(backend, target, ()):
        stage.apply(legal)
    backend.emit(legal, path, target)
    return path


def _read(path: Path) -> Module:
    module = interlingua.load(path)
    verify_module(module)
    return module


def _declared(module: Module) -> list[Any]:
    """Names, extents and dtypes of inputs and outputs as the file has them; each is of a type of as many axes."""
    assert [len(port.dims or ()) for port, _ in _ports(module)] == [type_.rank for _, type_ in _ports(module)]
    return [(port.name, port.dims, type_.dtype) for port, type_ in _ports(module)]


def _inferred(module: Module) -> list[Any]:
    """The same as the types tell it."""
    known = [tuple(d if isinstance(d, int) else None for d in type_.dims) for _, type_ in _ports(module)]
    return [(port.name, dims, type_.dtype) for (port, type_), dims in zip(_ports(module), known, strict=True)]


def _ports(module: Module) -> list[tuple[Port, Tensor]]:
    sides = ((module.inputs, module.main.inputs), (module.outputs, module.main.outputs))
    return [(port, value.tensor) for side in sides for port, value in zip(*side, strict=True)]


def backend_agrees(example: Example, subject: BackendSubject) -> Observation:
    """A backend that takes the op computes it; gives what was observed, for what is known to be wrong."""
    return subject.observe(example.module, example.inputs)


def _right(example: Example, outputs: Mapping[str, Any], case: str, issues: KnownIssues | None = None) -> None:
    for comparison in judge(expect(example.module, example.inputs), outputs, case):
        said = f"{comparison.output}: {comparison.detail}"
        facts = Facts(example.module, comparison.verdict, said, example.inputs)
        known = comparison.verdict in FINE or (issues is not None and issues.match(facts) is not None)
        assert known, comparison
