"""Whether a model, whoever rewrote it, is still what a trap's model is: its interface, and what it computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import onnx

import interlingua
from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.expectation import Expectation
from interlingua.equivalence.judge import judge
from interlingua.report import Verdict
from interlingua.runtimes.onnxruntime import NUMERICS
from interlingua.runtimes.ortvalue import run as run_session
from support.soundness.trap import Feed, Trap

Results: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[onnx.ModelProto, Feed], Results]
"""Computes the outputs of a model."""


def in_reference(model: onnx.ModelProto, feed: Feed) -> Results:
    """By the reference interpreter."""
    return interlingua.evaluate(interlingua.load(model), feed)


def in_onnxruntime(model: onnx.ModelProto, feed: Feed, level: str = "ORT_DISABLE_ALL") -> Results:
    """By ONNX Runtime's kernels; at the level of optimisation that is asked for, none usually."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return run_session(session, dict(feed))


@cache
def expectation(name: str, number: int) -> Expectation:
    """What a trap's model computes, in float64 with derived bounds, or to the bit."""
    from support.soundness import TRAPS

    found = next(t for t in TRAPS if t.name == name)
    module, feed = interlingua.load(found.model), found.feeds[number]
    return expect_exactly(module, feed) if found.exact else expect(module, feed, NUMERICS)


def faults(trap: Trap, results: Callable[[Feed], Results]) -> list[str]:
    """What is wrong with the results that are computed of each set of inputs; what nothing can be said of is wrong."""
    wrong: list[str] = []
    for number, feed in enumerate(trap.feeds):
        got = results(feed)
        if trap.holds is not None:
            wrong.extend([] if trap.holds(got) else [f"inputs {number}: {dict(got)}"])
            continue
        found = judge(expectation(trap.name, number), got, str(number))
        wrong.extend(
            f"inputs {c.case}, {c.output}: {c.detail or f'{c.share:.3g} of the bound'}"
            for c in found
            if c.verdict is not Verdict.VERIFIED
        )
    return wrong


def changed(trap: Trap, model: onnx.ModelProto) -> list[str]:
    """What of the interface is not as it was: names, order, dtypes, dims of inputs, defaults that a caller may change.

    Outputs may be declared more exactly, if all that comes out is so.
    """
    wrong = []
    for side in ("inputs", "outputs"):
        before, after = (_ports(m, side, trap.ir_version) for m in (trap.model, model))
        if [p[:2] for p in before] != [p[:2] for p in after]:
            wrong.append(f"{side}: {[p[0] for p in before]} became {[p[0] for p in after]}")
        elif side == "inputs" and before != after:
            wrong.append(f"inputs: {before} became {after}")
    wrong.extend(f"output {name} is declared {dims}" for name, dims in _misdeclared(trap, model))
    return wrong


def _ports(model: onnx.ModelProto, side: str, version: int) -> list[tuple[Any, ...]]:
    graph = model.graph
    defaults = {i.name for i in graph.initializer}
    ports = graph.output if side == "outputs" else graph.input
    fixed = version < 4  # there weights had to be inputs: it was no offer
    kept = [p for p in ports if side == "outputs" or not (fixed and p.name in defaults)]
    return [(p.name, p.type.tensor_type.elem_type, _dims(p), side == "inputs" and p.name in defaults) for p in kept]


def _dims(port: onnx.ValueInfoProto) -> tuple[Any, ...] | None:
    if not port.type.tensor_type.HasField("shape"):
        return None
    return tuple(d.dim_value if d.HasField("dim_value") else d.dim_param for d in port.type.tensor_type.shape.dim)


def _misdeclared(trap: Trap, model: onnx.ModelProto) -> list[tuple[str, Any]]:
    made = interlingua.load(trap.model)
    shapes = [{n: np.shape(v) for n, v in interlingua.evaluate(made, feed).items()} for feed in trap.feeds]
    wrong = []
    for port in model.graph.output:
        dims = _dims(port)
        actual = [s[port.name] for s in shapes if port.name in s]
        if dims is not None and not all(_fits(dims, shape) for shape in actual):
            wrong.append((port.name, dims))
    return wrong


def _fits(dims: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    return len(dims) == len(shape) and all(not isinstance(d, int) or d == s for d, s in zip(dims, shape, strict=True))
