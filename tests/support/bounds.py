"""What the tests of the error bounds share: small modules, their bounds, a verdict on outputs."""

from __future__ import annotations

import numpy as np

from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import IEEE, unit_roundoff

RNG = np.random.default_rng(7)
U32 = unit_roundoff(DType.F32)


def model(build, *arrays):
    """A module whose inputs are like ``arrays``, and the inputs."""
    b = Builder(Graph("main"))
    module = Module({"main": b.graph})
    values = []
    for i, array in enumerate(arrays):
        values.append(b.input(Tensor(DType.of(array), array.shape), f"x{i}"))
        module.inputs.append(Port(f"x{i}", array.shape))
    results = build(b, *values)
    results = results if isinstance(results, tuple) else (results,)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, None) for n in names]
    return module, {f"x{i}": a for i, a in enumerate(arrays)}


def bound(build, *arrays, numerics=IEEE, **more):
    module, inputs = model(build, *arrays)
    return expect(module, inputs, numerics, **more)


def verdict(expectation, *outputs):
    found = judge(expectation, dict(zip(expectation.outputs, outputs, strict=True)), "case")
    return [c.verdict for c in found]


def single(build, *arrays, **more):
    expectation = bound(build, *arrays, **more)
    return expectation, expectation.outputs["y0"]


def op(instance):
    return lambda b, *xs: b(instance, *xs)


def normal(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)
