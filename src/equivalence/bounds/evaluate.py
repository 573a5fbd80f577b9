"""The reference in float64, every value with its error beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Bounded, Rules, Step, consumed, overflowed, total
from interlingua.equivalence.bounds.composite import ALTERNATIVES, LITERAL, body_of
from interlingua.equivalence.bounds.control import CONTROL, structural
from interlingua.equivalence.bounds.movement import STRUCTURE, pieces
from interlingua.equivalence.bounds.rules import ROUNDING, RULES, SIGNED, unknown
from interlingua.equivalence.bounds.undefined import UNDEFINED
from interlingua.equivalence.expectation import Cause
from interlingua.errors import ConstraintError, EvaluationError, InterlinguaError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter, bind_inputs
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, UnknownRank
from interlingua.runtimes.numerics import unit_roundoff


class Bounding(Interpreter):
    """Runs a module on :class:`Bounded` values."""

    def __init__(self, module: Module, rules: Rules) -> None:
        super().__init__(module, "float64")
        self.rules = rules
        self.causes: dict[tuple[str, str, str], int] = {}
        self._depth = 0
        self._inside = False
        self._written: dict[Value, Any] = {}
        self._rounds = True

    def bounds(self, inputs: Mapping[str, Any] | Sequence[Any]) -> list[Any]:
        """The outputs, in interface order.

        Raises:
            EvaluationError: inputs do not fit, or a reference failed.
        """
        self._bindings = {}
        arguments = []
        for value, array in zip(self.module.main.inputs, bind_inputs(self.module, inputs), strict=True):
            widened = self._widen(array)
            self._conform(value, widened)
            arguments.append(lifted(array, widened, self._widen))
        return self._run_graph(self.module.main, arguments)

    def found(self) -> list[Cause]:
        """Why nothing could be said of some elements."""
        return [Cause(kind, op, place, count) for (kind, op, place), count in self.causes.items()]  # type: ignore[arg-type]

    def _run_node(self, node: Node, operands: list[Any]) -> list[Any]:
        name = node.op.name
        if name == "core.constant":
            return [self._constant(node)]
        before = self._rounds
        if self._depth == 0 and self.rules.only is not None:
            self._rounds = node is self.rules.only
        try:
            if name in CONTROL:
                regions = [self._callable(r) for r in node.regions]
                return CONTROL[name](node, operands, regions, self._empty)
            if name in STRUCTURE:
                return [structural(node.op, operands)]
            return self._step(node, operands)
        except InterlinguaError:
            raise
        except Exception as error:
            raise EvaluationError(
                f"the reference of {name} failed: {type(error).__name__}: {error}", where=node.place
            ) from error
        finally:
            self._rounds = before

    def _step(self, node: Node, operands: list[Any]) -> list[Any]:
        step = self._referenced(node, operands)
        name = step.name
        if any(o.fluid for o in operands if isinstance(o, Bounded)):
            step.fluid = True
            return self._done(step, step.unknown())
        exact = all(_exact(o) for o in step.operands)
        if "random" in node.op.effects:
            errors = unknown(step)
        elif name == "sequence.split":
            return [pieces(step)]
        elif name not in RULES and node.op.decompose is not None:
            errors = [None] * len(step.results) if exact and _discrete(step) else self._composed(node, step)
        elif name not in RULES:
            errors = [None] * len(step.results) if exact and _discrete(step) else unknown(step)
        elif exact and name not in ROUNDING:
            errors = [None] * len(step.results)
        else:
            with np.errstate(all="ignore"):
                errors = RULES[name](step)
        return self._done(step, errors)

    def _referenced(self, node: Node, operands: list[Any]) -> Step:
        """The op with its operands as a runtime sees them, run."""
        op = node.op.promoted()
        dtypes = [v.type.dtype if isinstance(v.type, Tensor) else None for v in node.results]
        step = Step(
            op, [], [raw(o) for o in operands], [], dtypes, self.rules, node.place, self._inside, self._rounds,
            name=op.name,
        )  # fmt: skip
        for operand in operands:
            step.operands.append(self._consumed(step, operand))
        if op.name == "core.bitcast":
            step.results = [np.zeros(np.shape(step.arrays[0]))]
            return step
        with np.errstate(all="ignore"):
            found = op.reference(*step.arrays)
        results = list(found) if isinstance(found, tuple) else [found]
        if len(results) != len(node.results):
            raise EvaluationError(f"{op.name} gave {len(results)} results for {len(node.results)}", where=node.place)
        step.results = [self._settle(v, a, node) for v, a in zip(node.results, results, strict=True)]
        return step

    def _consumed(self, step: Step, operand: Any) -> Any:
        if not isinstance(operand, Bounded):
            return operand
        error = consumed(operand, self.rules.numerics)
        if error is operand.error:
            return operand
        over = overflowed(operand)
        step.note("overflow", over)
        return Bounded(operand.value, operand.dtype, error, operand.fluid, operand.signed)

    def _done(self, step: Step, errors: list[Any]) -> list[Any]:
        mask = UNDEFINED[step.name](step) if step.name in UNDEFINED else None
        if mask is not None and mask.any():
            step.note("undefined", int(np.sum(np.broadcast_to(mask, np.shape(step.results[0])))))
            errors = [
                np.where(mask, INF, 0.0 if e is None else e) * np.ones(np.shape(r))
                for e, r in zip(errors, step.results, strict=True)
            ]
        for cause in step.causes:
            key = (cause.kind, cause.op, cause.place)
            self.causes[key] = self.causes.get(key, 0) + cause.count
        signed = step.name in SIGNED and all(
            o.signed or o.dtype.kind != "float" for o in step.operands if isinstance(o, Bounded)
        )
        return [
            Bounded(value, dtype, None if error is None or not np.any(error) else error, step.fluid, signed)
            if isinstance(value, np.ndarray)
            else value
            for value, dtype, error in zip(step.results, step.dtypes, errors, strict=True)
        ]

    def _composed(self, node: Node, step: Step) -> list[Any]:
        """The errors of the decomposition, and of the other algorithms that are in use."""
        try:
            body = body_of(node.op, step.operands)
        except (UnknownRank, ConstraintError):
            return step.unknown()
        self._depth += 1
        outside = self._bindings, self._written, self._inside
        self._bindings, self._written, self._inside = {}, body.written, node.op.name not in LITERAL
        try:
            found = self._run_graph(body.graph, [o for o in step.operands if o is not None])[: len(step.results)]
        finally:
            self._depth -= 1
            self._bindings, self._written, self._inside = outside
        errors = []
        for i, (inner, result, dtype) in enumerate(zip(found, step.results, step.dtypes, strict=True)):
            if not isinstance(inner, Bounded) or inner.fluid or inner.value.shape != result.shape:
                step.fluid = True
                return step.unknown()
            if dtype.kind == "float" and dtype.bits < 16:
                step.results[i] = inner.value
            errors.append(inner.error)
        if step.name in ALTERNATIVES and step.rounds:
            with np.errstate(all="ignore"):
                errors[0] = total(errors[0], ALTERNATIVES[step.name](step))
        return errors

    def _constant(self, node: Node) -> Bounded:
        kept = self._constants.get(node.result)
        if kept is not None:
            return kept  # type: ignore[no-any-return]
        weight = node.op.reference()
        dtype, value = DType.of(weight), self._widen(weight)
        error, written = None, self._exactly(node)
        if written is not None and np.any(written != value):
            error = np.where(written == value, 0.0, np.abs(value - written))
            value = written
        if error is None and dtype.is_float:
            error = self._unwritten(node, dtype, value)
        found = Bounded(value, dtype, error, signed=True)
        if not self._depth:
            self._constants[node.result] = found
        return found

    def _exactly(self, node: Node) -> Any:
        """What a constant stands for where it is more than its dtype says: as it is written, or was computed."""
        written = self._written.get(node.result)
        return node.op.weight.unrounded() if written is None and isinstance(node.op, Constant) else written

    def _unwritten(self, node: Node, dtype: DType, value: Any) -> Any:
        """How far a constant may be from what it stands for: one that was computed in float64 is rounded to that, and a
        number that fills more than half of its significand was rounded to its dtype."""
        u = None
        if isinstance(node.op, Constant) and node.op.weight.unrounded() is not None:
            u = unit_roundoff(DType.F64)
        elif self.rules.numbers and value.size == 1 and not self._depth and not _short(value, unit_roundoff(dtype)):
            u = unit_roundoff(dtype)
        return None if u is None else np.nan_to_num(u * np.abs(value), posinf=0.0)

    def _empty(self, node: Node, index: int) -> Bounded:
        """What a loop without trips stacks."""
        type_ = node.results[index].type
        assert isinstance(type_, Tensor)
        return Bounded(self._settle(node.results[index], None, node), type_.dtype)


def lifted(array: Any, widened: Any, widen: Any) -> Any:
    """An input."""
    if isinstance(array, list):
        return [lifted(a, widen(a), widen) for a in array]
    return None if array is None else Bounded(widened, DType.of(array), signed=True)


def raw(operand: Any) -> Any:
    """The values alone."""
    if isinstance(operand, list):
        return [raw(o) for o in operand]
    return operand.value if isinstance(operand, Bounded) else operand


def _exact(operand: Any) -> bool:
    if isinstance(operand, list):
        return all(_exact(o) for o in operand)
    return not isinstance(operand, Bounded) or operand.exact


def _short(value: Any, u: float) -> bool:
    """Whether the number is written with no more than half of the bits that its roundoff ``u`` allows."""
    fraction, _ = np.frexp(value)
    scaled = np.ldexp(fraction, -round(np.log2(u)) // 2)
    return bool(np.all((scaled == np.floor(scaled)) | ~np.isfinite(value)))


def _discrete(step: Step) -> bool:
    """Whether no float is anywhere."""
    dtypes = [o.dtype for o in step.operands if isinstance(o, Bounded)] + [d for d in step.dtypes if d is not None]
    return all(d.kind not in ("float", "complex") for d in dtypes)
