"""The interpreter: a graph run by the ops' own reference kernels.

In ``native`` precision every op computes in its declared dtype. In ``float64`` every floating value is widened first:
that is the oracle. Each result is held against its declared type, symbols bound as they appear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from interlingua.errors import EvaluationError, InterlinguaError
from interlingua.ir.dims import evaluate as evaluate_dim
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.monomials import Symbol
from interlingua.ir.ops.opaque import Opaque, refuse_opaque
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Optional, Tensor, Type

Precision: TypeAlias = Literal["native", "float64"]
Observer: TypeAlias = Callable[[Value, Any], None]
Perturbation: TypeAlias = Callable[[Value, list[Any], Any], Any]
"""Puts another array in place of a result; is given the operands too."""
Env: TypeAlias = "dict[Value | None, Any]"
Plan: TypeAlias = "tuple[list[Node], list[tuple[Node, list[Value]]]]"
"""The constants of a graph, and its other nodes in order, each with the values that nothing needs after it."""

_WIDE = {DType.C64: DType.C128, DType.C128: DType.C128}


class Interpreter:
    """Runs the functions of one module."""

    def __init__(
        self,
        module: Module,
        precision: Precision = "native",
        observe: Observer | None = None,
        perturb: Perturbation | None = None,
    ) -> None:
        self.module = module
        self.wide = precision == "float64"
        self.observe = observe
        self.perturb = perturb
        self._bindings: dict[str, int] = {}
        self._constants: dict[Value, Any] = {}
        self._plans: dict[Graph, Plan] = {}

    def run(self, inputs: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
        """Outputs by name, in interface order.

        Args:
            inputs: by name, or in interface order; an input with a default may be left out of a mapping.

        Raises:
            EvaluationError: inputs do not fit the interface, or a reference failed.
            UnsupportedOps: a graph to run holds opaque ops; all of the module's are named.
        """
        self._bindings, self._plans = {}, {}
        main = self.module.main
        arrays = bind_inputs(self.module, inputs)
        values = [self._widen(a) for a in arrays]
        for value, array in zip(main.inputs, values, strict=True):
            self._conform(value, array)
        outputs = self._run_graph(main, values)
        return dict(zip(self.module.output_names, outputs, strict=True))

    def _run_graph(self, graph: Graph, arguments: Sequence[Any]) -> list[Any]:
        constants, steps = self._plans.get(graph) or self._plan(graph)
        env: Env = {None: None}  # what an absent operand gives
        env.update(zip(graph.inputs, arguments, strict=True))
        for node in constants:
            env[node.results[0]] = self._constant(node)
        observe = self.observe
        if observe is not None:
            for value, array in env.items():
                if value is not None:
                    observe(value, array)
        with np.errstate(all="ignore"):
            for node, spent in steps:
                results = self._run_node(node, [env[o] for o in node.operands])
                env.update(zip(node.results, results, strict=True))
                if observe is not None:
                    for value, array in zip(node.results, results, strict=True):
                        observe(value, array)
                for value in spent:
                    del env[value]
        return [env[v] for v in graph.outputs]

    def _plan(self, graph: Graph) -> Plan:
        """What to run, made once."""
        needed: set[Value | None] = {None, *graph.outputs}
        steps: list[tuple[Node, list[Value]]] = []
        constants: list[Node] = []
        for node in graph.nodes:
            if isinstance(node.op, Constant):
                constants.append(node)
                needed.add(node.results[0])
        for node in graph.reversed_nodes:
            if isinstance(node.op, Constant):
                continue
            if isinstance(node.op, Opaque):
                refuse_opaque(self.module, subject="the reference")
            spent = {v for v in (*node.results, *node.operands) if v is not None and v not in needed}
            needed |= spent
            steps.append((node, list(spent)))
        steps.reverse()
        self._plans[graph] = constants, steps
        return constants, steps

    def _run_node(self, node: Node, arrays: list[Any]) -> list[Any]:
        op = node.op.promoted() if self.wide else node.op
        try:
            if node.regions:
                regions = {name: self._callable(region) for name, region in zip(op.regions, node.regions, strict=True)}
                found = op.reference(*arrays, **regions)
            else:
                found = op.reference(*arrays)
        except InterlinguaError:
            raise
        except Exception as error:
            raise EvaluationError(
                f"the reference of {op.name} failed: {type(error).__name__}: {error}", where=node.place
            ) from error
        results = list(found) if isinstance(found, tuple) else [found]
        if len(results) != len(node.results):
            raise EvaluationError(f"{op.name} gave {len(results)} results for {len(node.results)}", where=node.place)
        for index, (value, array) in enumerate(zip(node.results, results, strict=True)):
            results[index] = self._settle(value, array, node)
        if self.perturb is not None:
            return [self.perturb(v, arrays, a) for v, a in zip(node.results, results, strict=True)]
        return results

    def _constant(self, node: Node) -> Any:
        """The array of a constant, made once: a region may run many times."""
        kept = self._constants.get(node.result)
        if kept is None:
            array = node.op.reference()
            if self.perturb is not None:
                array = self.perturb(node.result, [], array)
            kept = self._constants[node.result] = self._widen(array)
        return kept

    def _settle(self, value: Value, array: Any, node: Node) -> Any:
        if array is None and not isinstance(value.type, Optional):
            array = self._widen(empty_of(value.type, self._bindings))
        self._conform(value, array, node)
        return array

    def _callable(self, region: Graph) -> Callable[..., tuple[Any, ...]]:
        def run(*arrays: Any) -> tuple[Any, ...]:
            outside = dict(self._bindings)  # what a region binds holds for one run of it
            results = tuple(self._run_graph(region, arrays))
            self._bindings = outside
            return results

        return run

    def _widen(self, array: Any) -> Any:
        if not self.wide or isinstance(array, list) or array is None:
            return array
        dtype = DType.of(array)
        target = DType.F64 if dtype.is_float else _WIDE.get(dtype, dtype)
        return array if target is dtype else array.astype(target.numpy)

    def _conform(self, value: Value, array: Any, node: Node | None = None) -> None:
        """Hold an array against the declared type; bind symbols that it is the first to fix."""
        declared = value.type
        if not isinstance(declared, Tensor):
            return
        if isinstance(array, np.ndarray):
            dtype = declared.dtype
            if self.wide:
                dtype = DType.F64 if dtype.is_float else _WIDE.get(dtype, dtype)
            same = array.dtype is dtype.numpy or DType.of(array) is dtype
            if same and (array.shape == declared.shape or self._fits(declared, array.shape)):
                return
            came = f"{array.dtype}{list(array.shape)}"
        else:
            came = type(array).__name__
        place = f"input {value.name}" if node is None else node.place
        raise EvaluationError(f"%{value.name} is declared {declared} but came out {came}", where=place)

    def _fits(self, declared: Tensor, shape: tuple[int, ...]) -> bool:
        if declared.shape is None:
            return True
        if len(declared.shape) != len(shape):
            return False
        for dim, actual in zip(declared.shape, shape, strict=True):
            if isinstance(dim, int):
                if dim != actual:
                    return False
                continue
            match dim.terms:
                case ((((Symbol(name), 1),), 1),):
                    if self._bindings.setdefault(name, actual) != actual:
                        return False
                case _:
                    known = evaluate_dim(dim, self._bindings)
                    if known is not None and known != actual:
                        return False
        return True


def empty_of(type_: Type, bindings: Mapping[str, int]) -> np.ndarray[Any, Any]:
    """The empty stack that a loop without trips gives: the declared type with length 0 along its first unknown dim."""
    if not isinstance(type_, Tensor) or type_.shape is None:
        raise EvaluationError("a loop made no trip and the shape of what it stacks is unknown")
    dims = [evaluate_dim(d, bindings) for d in type_.shape]
    if None not in dims and 0 not in dims:
        dims[0] = 0
    return np.zeros([0 if d is None else d for d in dims], dtype=type_.dtype.numpy)


def bind_inputs(module: Module, inputs: Mapping[str, Any] | Sequence[Any]) -> list[Any]:
    """The arrays in interface order, defaults filled in.

    Raises:
        EvaluationError: names are missing or unknown, or an array is of the wrong dtype or rank.
    """
    names = module.input_names
    if not isinstance(inputs, Mapping):
        if len(inputs) > len(names):
            raise EvaluationError(
                f"the model has {len(names)} input(s), {len(inputs)} were given", hint=f"in order: {names}"
            )
        inputs = dict(zip(names, inputs, strict=False))
    unknown = [n for n in inputs if n not in names]
    if unknown:
        raise EvaluationError(f"the model has no input {unknown[0]!r}", hint=f"its inputs are {names}")
    arrays = []
    for port, value in zip(module.inputs, module.main.inputs, strict=True):
        given = inputs.get(port.name)
        if given is None and isinstance(value.type, Tensor):
            if port.default is None:
                raise EvaluationError(f"input {port.name!r} is missing", hint=f"the inputs are {names}")
            given = port.default.view()
        arrays.append(_as_declared(port.name, value.type, given))
    return arrays


def _as_declared(name: str, type_: Type, given: Any) -> Any:
    if not isinstance(type_, Tensor):
        return given
    array = given if isinstance(given, np.ndarray) else np.asarray(given)
    dtype = DType.of(array)
    if dtype is not type_.dtype and not (not isinstance(given, np.ndarray | np.generic) and array.dtype.kind in "ifb"):
        raise EvaluationError(f"input {name!r} must be {type_.dtype}, got {dtype}", hint="convert it with .astype")
    array = array.astype(type_.dtype.numpy, copy=False)
    if type_.shape is not None and len(type_.shape) != array.ndim:
        raise EvaluationError(f"input {name!r} must be {type_}, got shape {list(array.shape)}")
    return array
