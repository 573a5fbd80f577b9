"""What is known of the shapes in an ONNX model before it runs: here, by ONNX Runtime's inference, and by running it.

Values are told apart by the keys of :mod:`interlingua.frontends.trace`. Anonymous dims of the inputs get names first,
the same for both inferences.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import onnx

from interlingua.equivalence.generate import Case, Generator
from interlingua.errors import RunnerError
from interlingua.frontends.onnx.frontend import OnnxFrontend
from interlingua.frontends.trace import Trace, region_path
from interlingua.ir.dims import Dim, DimLike, evaluate
from interlingua.ir.types import Tensor, Type
from interlingua.runtimes.workers import WarmWorker

TIMEOUT = 300.0
SIZES = (1, 2, 67, 96, 320)
"""One, two, a prime, what networks that halve five times take, and a large one."""
DRAWS = 20
"""Random sizes at which two expressions are held against each other."""


def with_named_inputs(path: Path) -> Any:
    """The model with a name for every anonymous dim of its inputs."""
    proto = onnx.load(path)
    for info in proto.graph.input:
        for axis, dim in enumerate(info.type.tensor_type.shape.dim):
            if dim.dim_param == "?" or not (dim.dim_param or dim.dim_value > 0):
                dim.Clear()
                dim.dim_param = f"{info.name}_{axis}"
    return proto


def input_symbols(proto: Any) -> set[str]:
    return {d.dim_param for i in proto.graph.input for d in i.type.tensor_type.shape.dim if d.dim_param}


def types_of(trace: Trace) -> dict[str, Type]:
    """The types here, by key."""
    found = {v.name: v.type for v in trace.module.main.inputs}
    return found | {key: value.type for step in trace.steps for key, value in step.outputs}


@dataclass
class Inferred:
    """What ONNX Runtime's symbolic inference says: shapes by key, and what the names in them stand for."""

    shapes: dict[str, list[Any]] = field(default_factory=dict)
    expressions: dict[str, Any] = field(default_factory=dict)
    gave_up: str = ""

    def related(self, dim: Any, symbols: set[str]) -> bool:
        """Whether it is a number or an expression of the symbols alone."""
        if not isinstance(dim, str):
            return isinstance(dim, int)
        expression = self.expressions.get(dim)
        return expression is not None and {str(s) for s in expression.free_symbols} <= symbols

    def at(self, dim: Any, sizes: Mapping[str, int]) -> int | None:
        """A related dim with the symbols bound; ``None`` where that is no integer."""
        if isinstance(dim, int):
            return dim
        expression = self.expressions[dim]
        value = expression.subs({s: sizes[str(s)] for s in expression.free_symbols})
        return int(value) if value.is_integer else None


def inferred_by_onnxruntime(proto: Any) -> Inferred:
    """The inference as ``symbolic_shape_infer`` runs it, unifying dims that broadcast; what it knew when it gave up."""
    from onnxruntime.tools import symbolic_shape_infer as tool

    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    engine = tool.SymbolicShapeInference(2**31 - 1, True, False, 0)
    found = Inferred()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        engine._preprocess(copy)
        while engine.run_:
            engine._infer_impl()
    except Exception as error:  # noqa: BLE001 - it asserts, and raises Exception itself
        found.gave_up = type(error).__name__
    finally:
        logging.disable(before)
    infos = {**engine.known_vi_, **dict(_infos(engine.out_mp_.graph, ""))}
    for key, info in infos.items():
        shape = tool.get_shape_from_value_info(info)
        if shape is not None:
            found.shapes[key] = shape
    found.expressions = dict(engine.symbolic_dims_)
    return found


def _infos(graph: Any, path: str) -> Iterator[tuple[str, Any]]:
    for info in graph.value_info:
        yield path + info.name, info
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _infos(attribute.g, region_path(path, list(node.output), attribute.name))


def runs(trace: Trace) -> Iterator[tuple[Mapping[str, int], Mapping[str, tuple[int, ...]]]]:
    """The model in ONNX Runtime: sizes, and the shape of every value. First at sizes that it takes, then with each dim
    in turn at others: not all of them run."""
    generator = Generator(trace.module)
    with WarmWorker() as trace.witness.workers:
        first = next(filter(None, (_run(trace, case) for batch in generator.batches() for case in batch)), None)
        if first is None:
            return
        yield first
        tried = [{**first[0], name: size} for name in generator.symbols for size in SIZES if size != first[0][name]]
        yield from filter(None, (_run(trace, case) for case in generator._cases(tried, "shapes")))


def _run(trace: Trace, case: Case) -> tuple[Mapping[str, int], Mapping[str, tuple[int, ...]]] | None:
    try:
        values = trace.witness.values(case.inputs, timeout=TIMEOUT)
    except RunnerError:
        return None
    return case.sizes, {key: tuple(getattr(v, "shape", ())) for key, v in values.items()}


@dataclass
class Comparison:
    """What came out for one model."""

    values: int = 0
    unranked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Dims that a run refutes."""
    related: int = 0
    """Dims that ONNX Runtime's inference relates to the inputs, and no run refutes."""
    anonymous: list[str] = field(default_factory=list)
    """Those of them that are anonymous here."""
    unequal: list[str] = field(default_factory=list)
    """Those of them with another value here, at a size that the model runs at."""
    other_where_it_fails: int = 0
    """Those of them with another value at random sizes alone: the model does not run at these."""
    refuted: int = 0
    """Dims that ONNX Runtime's inference relates, and a run refutes."""
    undecided: int = 0
    """Dims of values that have another rank there, where no run comes by."""
    gained: int = 0
    """Dims that are related here alone, of values that both know."""
    sizes: list[Mapping[str, int]] = field(default_factory=list)
    gave_up: str = ""


def compare(path: Path, *, infer: bool = True) -> Comparison:
    """One model, inferred here, run, and (``infer``) inferred by ONNX Runtime."""
    proto = with_named_inputs(path)
    trace = OnnxFrontend().trace(proto)
    symbols, types = input_symbols(proto), types_of(trace)
    theirs = inferred_by_onnxruntime(proto) if infer else Inferred()
    found = Comparison(values=len(types), gave_up=theirs.gave_up)
    found.unranked = [k for k, t in types.items() if isinstance(t, Tensor) and t.shape is None]
    ran = list(runs(trace))
    found.sizes = [sizes for sizes, _ in ran]
    for sizes, shapes in ran:
        found.wrong += [f"{k}: {types[k]}, {s} at {sizes}" for k, s in shapes.items() if _refutes(types, k, s, sizes)]
    random = Random(0)
    draws = [{s: random.randint(1, 600) for s in sorted(symbols)} for _ in range(DRAWS)]
    for key, shape in theirs.shapes.items():
        type_ = types.get(key)
        if not isinstance(type_, Tensor) or type_.shape is None:
            found.anonymous += (
                [key] if isinstance(type_, Tensor) and any(theirs.related(d, symbols) for d in shape) else []
            )
            continue
        actual = [(sizes, shapes[key]) for sizes, shapes in ran if key in shapes]
        if len(shape) != len(type_.shape):
            found.refuted += len(shape) if actual else 0
            found.undecided += 0 if actual else len(shape)
            continue
        for axis, (own, dim) in enumerate(zip(type_.shape, shape, strict=True)):
            _dim(
                found,
                theirs,
                f"{key}, axis {axis}: {own}, {dim} there",
                own,
                dim,
                symbols,
                draws,
                [(sizes, s[axis]) for sizes, s in actual],
            )
    return found


def _refutes(types: Mapping[str, Type], key: str, shape: tuple[int, ...], sizes: Mapping[str, int]) -> bool:
    type_ = types.get(key)
    if not isinstance(type_, Tensor) or type_.shape is None:
        return False
    dims = [evaluate(d, sizes) for d in type_.shape]
    return len(dims) != len(shape) or any(d not in (None, actual) for d, actual in zip(dims, shape, strict=True))


def _dim(
    found: Comparison, theirs: Inferred, what: str, own: DimLike, dim: Any, symbols: set[str],
    draws: list[dict[str, int]], actual: list[tuple[Mapping[str, int], int]],
) -> None:  # fmt: skip
    named = not isinstance(own, Dim) or {s.name for s in own.symbols} <= symbols
    if not theirs.related(dim, symbols):
        found.gained += named
        return
    if any(theirs.at(dim, sizes) != size for sizes, size in actual):
        found.refuted += 1
        return
    found.related += 1
    if not named:
        found.anonymous.append(what)
    elif any(evaluate(own, sizes) != size for sizes, size in actual):
        found.unequal.append(what)
    elif any(evaluate(own, sizes) != theirs.at(dim, sizes) for sizes in draws):
        found.other_where_it_fails += 1
