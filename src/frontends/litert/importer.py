"""Subgraphs of a ``.tflite`` file into IR graphs, operator by operator, in the order in which LiteRT runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interlingua.errors import ConstraintError, InterlinguaError, InvalidModel, Refusal, UnsupportedOps
from interlingua.formats.litert import BY_DTYPE, dtype_of
from interlingua.frontends.litert.interface import MOST, Door, opened, port_of, typed
from interlingua.frontends.litert.levels import levels_of, quantized, real_of, same_scale
from interlingua.frontends.litert.node import LiteRtNode, Unsupported
from interlingua.frontends.litert.opaque import NO_TRANSLATION, keep, label_of
from interlingua.frontends.litert.reader import ABSENT, Operator, Source, Subgraph, TensorInfo
from interlingua.frontends.litert.table import LEVELS, REAL, REFUSED, Row, Table
from interlingua.frontends.litert.weights import Weights
from interlingua.ir.builder import Builder, Symbols
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Origin, Value
from interlingua.ir.ranks import settle_ranks

COMPLEX = {BY_DTYPE[DType.C64], BY_DTYPE[DType.C128]}
_RETRIES = 16
"""How often, on average, an operator may be translated: a subgraph may be called from several places, and the body of a
loop is translated until its types settle."""
_RETRIES_LEAST = 20_000


@dataclass(slots=True)
class Scope:
    """What the tensors of one subgraph have become; ``None`` are those of unsupported operators, ``path`` goes before
    names in messages."""

    builder: Builder
    subgraph: Subgraph
    path: str
    values: dict[int, Value | None] = field(default_factory=dict)
    withheld: dict[int, Refusal] = field(default_factory=dict)


class Importer:
    """Imports one model through one of its signatures."""

    def __init__(self, source: Source, table: Table, signature: str | None, shapes: Mapping[str, Any]) -> None:
        self.source = source
        self.table = table
        self.door: Door = opened(source, signature)
        self.shapes = dict(shapes)
        self.symbols = Symbols(most=MOST)
        self.refusals: list[Refusal] = []
        self.kept: list[Refusal] = []
        """Operators that became opaque: refused with the others, if there are others."""
        self._weights = Weights(source)
        self._running: list[int] = []
        self._left = _RETRIES_LEAST + _RETRIES * sum(len(g.operators) for g in source.subgraphs)

    def run(self) -> Module:
        """The module.

        Raises:
            InvalidModel: the model breaks the rules of the format.
            UnsupportedOps: all operators that have no translation.
        """
        try:
            return self._run()
        except InterlinguaError as error:
            error.where = error.where or self.source.label
            raise

    def _run(self) -> Module:
        main = Graph("main")
        module = Module({"main": main})
        subgraph = self.source.subgraphs[self.door.subgraph]
        scope = Scope(Builder(main, symbols=self.symbols), subgraph, "")
        for name, index in self.door.inputs:
            info = subgraph.tensors[index]
            type_ = typed(info, name, self.shapes.pop(name, None), self.symbols)
            scope.values[index] = scope.builder.input(type_, name)
            module.inputs.append(port_of(info, name))
        self.door.check_names(self.shapes)
        self._running.append(self.door.subgraph)
        self._operators(scope)
        values = [self._value(scope, index) for _, index in self.door.outputs]
        if self.refusals:
            found = dict.fromkeys([*self.kept, *self.refusals])
            raise UnsupportedOps(found, subject="the litert frontend", where=self.source.label)
        names = [name for name, _ in self.door.outputs]
        scope.builder.outputs([v for v in values if v is not None], names)
        module.outputs = [port_of(subgraph.tensors[index], name) for name, index in self.door.outputs]
        settle_ranks(module, self.symbols)
        said = {"description": self.source.description, "graph": subgraph.name, "signature": self.door.key}
        module.metadata = {"source": "litert", **{k: v for k, v in said.items() if v}}
        return module

    def _operators(self, scope: Scope) -> None:
        for operator in scope.subgraph.operators:
            self._operator(operator, scope)

    def _operator(self, operator: Operator, scope: Scope) -> None:
        self._left -= 1
        place = _place(operator, scope)
        results: Sequence[Value | None] = ()
        try:
            if self._left < 0:
                raise Unsupported("subgraphs are called so often that the model does not end")
            results = self._translated(operator, scope)
        except Unsupported as declined:
            self.refusals.append(Refusal(label_of(operator), declined.reason, place))
        except InterlinguaError as error:
            where = f"{self.source.label}, {place} ({label_of(operator)})"
            if isinstance(error, ConstraintError):
                raise InvalidModel(error.what, where=where, hint=error.hint) from error
            error.where = error.where or where
            raise
        except (MemoryError, RecursionError) as error:
            raise InvalidModel(f"{operator.op} is too large to be", where=f"{self.source.label}, {place}") from error
        except Exception as error:
            raise InvalidModel(
                f"{operator.op} cannot be read: {type(error).__name__}: {error}",
                where=f"{self.source.label}, {place}",
                hint="its options or inputs are not what the schema says they are",
            ) from error
        self._define(operator, results, scope)

    def _translated(self, operator: Operator, scope: Scope) -> Sequence[Value | None]:
        """What the outputs have become; none of them where an input is of an unsupported operator."""
        row = self.table.rows.get(operator.op)
        if row is None and not operator.custom:
            raise Unsupported(NO_TRANSLATION)
        operands = [None if i == ABSENT else self._value(scope, i) for i in operator.inputs]
        if any(i != ABSENT and v is None and not self._state(scope, i) for i, v in self._pairs(operator, operands)):
            return ()
        infos, results = (
            [None if i == ABSENT else scope.subgraph.tensors[i] for i in side]
            for side in (operator.inputs, operator.outputs)
        )
        builder = scope.builder
        n = LiteRtNode(operator, operands, infos, results, self._inlined)
        before = builder.origin, builder.scope
        builder.origin = Origin(_name(operator, scope), label_of(operator))
        builder.scope = scope.path
        try:
            if row is not None:
                return self._by(row, n, builder)
            self.kept.append(Refusal(label_of(operator), NO_TRANSLATION, _place(operator, scope)))
            return keep(n, builder, self.source.file)
        finally:
            builder.origin, builder.scope = before

    def _pairs(self, operator: Operator, operands: Sequence[Value | None]) -> zip[tuple[int, Value | None]]:
        return zip(operator.inputs, operands, strict=True)

    def _state(self, scope: Scope, index: int) -> bool:
        return scope.subgraph.tensors[index].variable and index not in scope.values

    def _by(self, row: Row, n: LiteRtNode, b: Builder) -> Sequence[Value | None]:
        """By the translation, on levels or on reals as its row says."""
        touched = [t for t in (*n.infos, *n.results) if t is not None and quantized(t)]
        if any(t is not None and t.sparse for t in n.infos):
            raise Unsupported("sparse weights are not read")
        exotic = next((t.quantization.exotic for t in touched if t.quantization and t.quantization.exotic), "")
        if exotic:
            raise Unsupported(f"quantization by {exotic} is not read")
        if not row.takes_complex and any(t is not None and t.code in COMPLEX for t in (*n.infos, *n.results)):
            raise Unsupported("it is not read on complex numbers")
        if touched and row.quantized is REFUSED:
            raise Unsupported("it is not read on quantized tensors")
        if touched and row.quantized is LEVELS and not same_scale(touched):
            raise Unsupported("its quantized tensors have several scales, and it moves levels alone")
        if touched and row.quantized is REAL:
            n.operands = [
                None if v is None or t is None else real_of(b, v, t) for v, t in zip(n.operands, n.infos, strict=True)
            ]
        found = row.function(n, b)
        results: Sequence[Value | None] = (found,) if isinstance(found, Value) else found
        if touched and row.quantized is REAL:
            results = [
                v if v is None or t is None else levels_of(b, v, t) for v, t in zip(results, n.results, strict=False)
            ]
        return results

    def _define(self, operator: Operator, results: Sequence[Value | None], scope: Scope) -> None:
        for place, index in enumerate(operator.outputs):
            if index == ABSENT:
                continue
            info = scope.subgraph.tensors[index]
            if index in scope.values or info.data is not None:
                raise InvalidModel(f"{info} is given twice", where=f"{self.source.label}, {_place(operator, scope)}")
            value = scope.values[index] = results[place] if place < len(results) else None
            if value is None:
                if results:
                    reason = f"output {place} cannot be computed"
                    scope.withheld[index] = Refusal(label_of(operator), reason, _place(operator, scope))
                continue
            self._settle(operator, info, value, scope)

    def _settle(self, operator: Operator, info: TensorInfo, value: Value, scope: Scope) -> None:
        """What was computed has the declared element type; complex numbers are pairs of floats."""
        declared = dtype_of(info.code)
        expected = {DType.C64: DType.F32, DType.C128: DType.F64}.get(declared, declared)
        if value.tensor.dtype is not expected:
            raise InvalidModel(
                f"{info} is declared {declared} but computed as {value.tensor.dtype}",
                where=f"{self.source.label}, {_place(operator, scope)} ({label_of(operator)})",
            )
        if not value.name:
            value.name = info.name

    def _value(self, scope: Scope, index: int) -> Value | None:
        """The value of a tensor; ``None`` where it is of an unsupported operator, or a state that nothing gave yet."""
        if index in scope.values:
            value = scope.values[index]
            withheld = scope.withheld.pop(index, None)
            if value is None and withheld is not None:
                self.refusals.append(withheld)
            return value
        info = scope.subgraph.tensors[index]
        if info.variable:
            return None
        if info.data is None and 0 not in info.shape:
            raise InvalidModel(f"{info} is used before it is defined")
        value = scope.values[index] = scope.builder.weight(self._weights.of(info), info.name)
        return value

    def _inlined(self, index: int, b: Builder, operands: Sequence[Value]) -> list[Value]:
        """The operators of a subgraph at the place of ``b``, on operands."""
        if not 0 <= index < len(self.source.subgraphs):
            raise InvalidModel(f"subgraph {index} is called, of {len(self.source.subgraphs)}")
        if index in self._running:
            raise InvalidModel(f"subgraph {index} calls itself")
        subgraph = self.source.subgraphs[index]
        if len(subgraph.inputs) != len(operands):
            raise InvalidModel(f"subgraph {index} has {len(subgraph.inputs)} inputs where {len(operands)} are given")
        scope = Scope(b, subgraph, f"subgraph{index}")
        scope.values = dict(zip(subgraph.inputs, operands, strict=True))
        before = b.origin, b.scope
        self._running.append(index)
        try:
            self._operators(scope)
            values = [self._value(scope, i) for i in subgraph.outputs]
        finally:
            self._running.pop()
            b.origin, b.scope = before
        if any(v is None for v in values):
            raise Unsupported("its subgraph holds unsupported operators")
        return [v for v in values if v is not None]


def _name(operator: Operator, scope: Scope) -> str:
    """An operator has no name: that of its first output stands for it."""
    first = next((i for i in operator.outputs if i != ABSENT), None)
    return f"operator {operator.index}" if first is None else scope.subgraph.tensors[first].name


def _place(operator: Operator, scope: Scope) -> str:
    """An operator in messages."""
    inside = f" of {scope.path}" if scope.path else ""
    return f"operator {operator.index}{inside}, which gives {_name(operator, scope)!r}"
