"""One op at a time: built with inferred types, then run whole or decomposed into core ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.decompose import decompose_all
from interlingua.ir.dims import UNKNOWN, Dim, symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module
from interlingua.ir.interpret import Interpreter
from interlingua.ir.op import Op
from interlingua.ir.types import Tensor, Type


def type_of(array: np.ndarray, dynamic: bool) -> Tensor:
    return Tensor(DType.of(array), tuple(UNKNOWN if dynamic else d for d in array.shape))


def graph_of(op: Op, *arrays: Any, constants: tuple[int, ...] = (), dynamic: bool = False) -> Module:
    """A module that is the op on inputs of the arrays' types; the operands at ``constants`` are constants."""
    b = Builder(Graph("main"))
    operands = []
    for i, array in enumerate(arrays):
        if array is None:
            operands.append(None)
        elif i in constants:
            operands.append(b.constant(array))
        else:
            operands.append(b.input(type_of(np.asarray(array), dynamic), f"x{i}"))
    results = b.add_all(op, *operands)
    b.outputs(results, [f"y{i}" for i in range(len(results))])
    return Module({"main": b.graph})


def to_core(module: Module) -> Module:
    """The module with every composite decomposed, and theirs in turn."""
    decompose_all(module)
    assert all(n.op.decompose is None for n in module.walk())
    return module


def run(module: Module, *arrays: Any) -> Any:
    """The result of the module's graph, or a tuple of them."""
    values = Interpreter(module)._run_graph(module.main, [np.asarray(a) for a in arrays])
    return values[0] if len(values) == 1 else tuple(values)


def apply(op: Op, *arrays: Any) -> Any:
    """The op on arrays, by its type rule and its reference."""
    module = graph_of(op, *arrays)
    return run(module, *(a for a in arrays if a is not None))


def apply_decomposed(op: Op, *arrays: Any, constants: tuple[int, ...] = (), dynamic: bool = False) -> Any:
    """The op on arrays, by its decomposition into core ops."""
    module = to_core(graph_of(op, *arrays, constants=constants, dynamic=dynamic))
    return run(module, *(a for i, a in enumerate(arrays) if a is not None and i not in constants))


def infer(op: Op, *types: Type | None) -> Any:
    """The type of the op's result on operands of these types."""
    b = Builder(Graph("main"))
    results = b.add_all(op, *(None if t is None else b.input(t, f"x{i}") for i, t in enumerate(types)))
    return results[0].type if len(results) == 1 else tuple(r.type for r in results)


def f32(*dims: int | str | Dim) -> Tensor:
    """A float32 tensor type; strings name symbols."""
    return Tensor(DType.F32, tuple(symbol(d) if isinstance(d, str) else d for d in dims))


def shape_vector(*elements: int | str | Dim | None) -> Tensor:
    """An int64 vector of which these elements are known."""
    known = np.empty(len(elements), dtype=object)
    known[:] = [symbol(e) if isinstance(e, str) else e for e in elements]
    return Tensor(DType.I64, (len(elements),), known)


def close(got: np.ndarray, exact: Any, *, times: float) -> bool:
    """Whether ``got`` is within ``times`` eps (of its dtype) of ``exact``, relative to the largest value."""
    exact = np.asarray(exact, np.float64)
    scale = float(np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0))
    finite = np.isfinite(exact)
    same = np.array_equal(np.asarray(got, np.float64)[~finite], exact[~finite], equal_nan=True)
    error = np.abs(np.asarray(got, np.float64)[finite] - exact[finite])
    return same and bool(np.all(error <= times * np.finfo(got.dtype).eps * scale))
