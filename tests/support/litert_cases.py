"""One op in a ``.tflite`` file: what LiteRT computes of it against what its translation means.

The interpreter's results are judged by the bounds that are derived from the translated graph, as every runtime's are.
A level of a quantized result has to be a nearest one of the real that the translation gives where that is left real.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import IEEE
from support.derived import check_derived
from support.litert_models import Model, Scale, Subgraph

RNG = np.random.default_rng(20)


@dataclass(frozen=True)
class Fixed:
    """A constant operand."""

    array: Any
    scale: Scale | None = None
    dtype: DType | None = None


@dataclass(frozen=True)
class Fed:
    """An operand that is fed at run time; ``open_dims`` are declared -1."""

    array: Any
    scale: Scale | None = None
    open_dims: tuple[int, ...] = ()


@dataclass(frozen=True)
class State:
    """A variable of zeros."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """An op on operands: arrays are fed, ``None`` is an operand left out.

    ``outputs`` are dtypes, or pairs of dtype and scale of quantized ones. ``exact`` asks for the very numbers of the
    reference in float32, where a bound would say nothing; ``slack`` is how far beyond half a level a real may lie from
    its level.
    """

    op: str
    operands: Sequence[Any]
    options: tuple[str, Mapping[str, Any]] | None = None
    outputs: Sequence[Any] = (DType.F32,)
    version: int = 1
    exact: bool = False
    slack: float = 1e-3
    note: str = ""
    bodies: Sequence[Any] = field(default=(), compare=False)

    @property
    def label(self) -> str:
        said = "" if self.options is None else " ".join(f"{k}={v}" for k, v in self.options[1].items())
        return f"{self.op} {said} {self.note}".strip()


def packed(case: Case, *, real: bool = False, behind: bool = False) -> tuple[bytes, dict[str, Any]]:
    """The file and its inputs; ``real`` leaves the outputs unquantized, as the translation alone can, ``behind`` puts
    constants behind the FlatBuffer."""
    model = Model()
    graph = model.subgraph()
    fed: dict[str, Any] = {}
    places = [_operand(graph, i, operand, fed) for i, operand in enumerate(case.operands)]
    for i, output in enumerate(case.outputs):
        dtype, scale = output if isinstance(output, tuple) else (output, None)
        left = real and scale is not None
        graph.outputs.append(graph.tensor(f"y{i}", (), DType.F32 if left else dtype, scale=None if left else scale))
    graph.op(case.op, places, graph.outputs, case.options, version=case.version)
    for build in case.bodies:
        build(model.subgraph())
    return model.pack(behind=behind), fed


def _operand(graph: Subgraph, index: int, operand: Any, fed: dict[str, Any]) -> int:
    name = f"x{index}"
    if operand is None:
        return -1
    if isinstance(operand, State):
        return graph.tensor(name, operand.shape, variable=True)
    if isinstance(operand, Fixed):
        return graph.constant(name, operand.array, scale=operand.scale, dtype=operand.dtype)
    given = operand if isinstance(operand, Fed) else Fed(operand)
    array = fed[name] = np.asarray(given.array)
    signature = [-1 if i in given.open_dims else d for i, d in enumerate(array.shape)] if given.open_dims else None
    return graph.input(name, array.shape, DType.of(array), signature=signature, scale=given.scale)


def interpreted(data: bytes, fed: Mapping[str, Any]) -> list[Any]:
    """What LiteRT's own kernels compute."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    runtime = Interpreter(model_content=data, num_threads=1, experimental_op_resolver_type=kernels)
    details = {d["name"]: d["index"] for d in runtime.get_input_details()}
    for name, index in details.items():
        runtime.resize_tensor_input(index, fed[name].shape)
    runtime.allocate_tensors()
    for name, index in details.items():
        runtime.set_tensor(index, fed[name])
    runtime.invoke()
    return [np.array(runtime.get_tensor(d["index"])) for d in runtime.get_output_details()]


def check(case: Case) -> None:
    """The op is read as LiteRT computes it."""
    data, fed = packed(case)
    module = interlingua.load(data)
    assert module.input_names == list(fed)
    found = interpreted(data, fed)
    names = [f"y{i}" for i in range(len(case.outputs))]
    assert module.output_names == names
    if case.exact:
        own = interlingua.evaluate(module, fed)
        for name, got in zip(names, found, strict=True):
            np.testing.assert_array_equal(got, own[name], err_msg=case.label)
        return
    if any(isinstance(output, tuple) for output in case.outputs):
        check_levels(case, module, found)
        return
    check_derived(module, fed, dict(zip(names, found, strict=True)), IEEE)


def check_levels(case: Case, module: Any, found: Sequence[Any]) -> None:
    """The levels of LiteRT and those of the translation are nearest ones of the translation's reals."""
    data, fed = packed(case, real=True)
    reals = interlingua.evaluate(interlingua.load(data), fed, precision="float64")
    levels = interlingua.evaluate(module, fed)
    for i, output in enumerate(case.outputs):
        dtype, scale = output if isinstance(output, tuple) else (output, None)
        got, own, real = found[i], levels[f"y{i}"], reals[f"y{i}"]
        assert got.dtype == own.dtype == dtype.numpy, case.label
        assert got.shape == own.shape == real.shape, (case.label, got.shape, own.shape)
        if scale is None:
            np.testing.assert_array_equal(got, own, err_msg=case.label)
            continue
        shape = [-1 if a == scale.axis else 1 for a in range(got.ndim)] if np.ndim(scale.scale) else []
        exact = real / np.reshape(np.float32(scale.scale), shape) + np.reshape(scale.zero, shape)
        low, high = np.iinfo(dtype.numpy).min, np.iinfo(dtype.numpy).max
        for levels_of_one, slack in ((got, max(case.slack, staged(case, scale))), (own, 1e-4)):
            off = np.abs(levels_of_one - np.clip(exact, low, high))
            assert off.max(initial=0) <= 0.5 + slack, (case.label, off.max(), slack)


CONTRACTIONS = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL"})


def staged(case: Case, out: Scale) -> float:
    """How far beyond half a level a sum of products of bytes may be: a kernel multiplies it by the scales' ratio, a
    fixed-point number of ``k`` bits after the point less than 1, and rounds to these bits before it rounds to a level
    (``MultiplyByQuantizedMultiplier``, rounding twice)."""
    given = [scale for operand in case.operands if (scale := getattr(operand, "scale", None)) is not None]
    if case.op not in CONTRACTIONS or len(given) < 2:
        return 0.0
    ratios = np.multiply(given[0].scale, given[1].scale) / np.min(out.scale)
    return float(np.exp2(np.floor(np.log2(np.max(ratios)))))


def noise(*shape: int, dtype: Any = np.float32) -> Any:
    """Normal numbers."""
    return RNG.standard_normal(shape).astype(dtype)


def positive(*shape: int) -> Any:
    """Numbers from 0.1 to 4."""
    return RNG.uniform(0.1, 4, shape).astype(np.float32)


def integers(*shape: int, low: int = -9, high: int = 10, dtype: Any = np.int32) -> Any:
    """Integers from ``low`` up to ``high``."""
    return RNG.integers(low, high, shape).astype(dtype)
