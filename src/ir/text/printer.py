"""Modules as text.

::

    interlingua 1
    module {producer = "pytorch"}
    input "x" [batch, 3] ; output "y" [batch, 2]
    func @main(%x: f32[batch, 3]) {
      %w = core.constant @"fc.weight" : f32[3, 2]
      %y = core.matmul(%x, %w) : f32[batch, 2]  from "fc" "MatMul" in "head"
      return %y as "y"
    }

Small constants stand in the text (``dense [...]``); larger ones are names into the archive's weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.graph import NO_ORIGIN, Graph, Module, Node, Port, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.text.dims import NUMBERS, format_dim
from interlingua.ir.types import Optional, Sequence, Tensor, Type
from interlingua.ir.weights import Weight

VERSION = 1
INLINE = 16
"""Constants of up to this many elements stand in the text."""


def print_module(module: Module) -> str:
    """The text form of ``module``."""
    return "\n".join(Printer(module).lines()) + "\n"


def weight_names(module: Module) -> dict[str, Weight]:
    """The weights that the text form refers to, by the names that it uses."""
    printer = Printer(module)
    for _ in printer.lines():
        pass
    return printer.weights


class Printer:
    """Prints one module; ``weights`` fills while lines are taken."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.weights: dict[str, Weight] = {}
        self._by_weight: dict[Weight, str] = {}
        self._names: dict[Value, str] = {}
        self._used: set[str] = set()
        self._count = 0

    def lines(self) -> Iterator[str]:
        yield f"interlingua {VERSION}"
        if self.module.metadata:
            yield f"module {attribute_dict(self.module.metadata)}"
        for keyword, ports in (("input", self.module.inputs), ("output", self.module.outputs)):
            for port in ports:
                yield self._port(keyword, port)
        for name, function in self.module.functions.items():
            self._used.clear()
            self._count = 0
            yield from self._block(f"func @{_symbol(name)}", function, "")

    def _port(self, keyword: str, port: Port) -> str:
        dims = "*" if port.dims is None else ", ".join("?" if d is None else json.dumps(d) for d in port.dims)
        text = f"{keyword} {quote(port.name)} [{dims}]"
        if port.default is not None:
            text += f" = {self._weight(port.default, port.name)}"
        return text + (f" doc {quote(port.doc)}" if port.doc else "")

    def _block(self, head: str, graph: Graph, indent: str) -> Iterator[str]:
        inputs = ", ".join(f"{self._name(v)}: {format_type(v.type)}" for v in graph.inputs)
        yield f"{indent}{head}({inputs}) {{"
        for node in graph.nodes:
            yield from self._node(node, indent + "  ")
        outputs = ", ".join(
            f"{self._name(v)} as {quote(n)}" for v, n in zip(graph.outputs, graph.output_names, strict=True)
        )
        yield f"{indent}  return {outputs}".rstrip()
        yield f"{indent}}}"

    def _node(self, node: Node, indent: str) -> Iterator[str]:
        operands = ", ".join("_" if o is None else self._name(o) for o in node.operands)
        results = ", ".join(self._name(r) for r in node.results)
        types = ", ".join(format_type(r.type) for r in node.results)
        if isinstance(node.op, Constant):
            call = f"{node.op.name} {self._weight(node.op.weight, node.result.name)}"
        else:
            attributes = node.op.attributes()
            call = f"{node.op.name}({operands})" + (f" {attribute_dict(attributes)}" if attributes else "")
        tail = f" : {types}" if types else ""
        if node.origin != NO_ORIGIN:
            tail += f" from {quote(node.origin.name)} {quote(node.origin.op)} {quote(node.origin.location)}"
        if node.scope:
            tail += f" in {quote(node.scope)}"
        head = f"{indent}{results} = {call}" if results else f"{indent}{call}"
        if not node.regions:
            yield head + tail
            return
        yield f"{head} regions"
        for name, region in zip(node.op.regions, node.regions, strict=True):
            yield from self._block(f"@{_symbol(name)}", region, indent)
        yield f"{indent}end{tail}"

    def _name(self, value: Value) -> str:
        found = self._names.get(value)
        if found is None:
            found = self._fresh(value.name)
            self._names[value] = found
        return f"%{_symbol(found)}"

    def _fresh(self, name: str) -> str:
        if not name or name.isdigit():
            name, self._count = str(self._count), self._count + 1
            while name in self._used:
                name, self._count = str(self._count), self._count + 1
        candidate, suffix = name, 1
        while candidate in self._used:
            candidate, suffix = f"{name}#{suffix}", suffix + 1
        self._used.add(candidate)
        return candidate

    def _weight(self, weight: Weight, hint: str) -> str:
        if weight.dtype is DType.STRING or (weight.size <= INLINE and not _has_nan(weight)):
            return "dense " + format_dense(weight)
        name = self._by_weight.get(weight)
        if name is None:
            name, suffix = hint or "weight", 1
            while name in self.weights or name == "__metadata__":  # safetensors keeps that name for itself
                name, suffix = f"{hint or 'weight'}#{suffix}", suffix + 1
            self.weights[name] = weight
            self._by_weight[weight] = name
        return f"@{_symbol(name)}"


def _has_nan(weight: Weight) -> bool:
    """NaNs differ in sign and payload, which text does not keep."""
    array = weight.view()
    return weight.dtype.kind in ("float", "complex") and bool(np.any(array != array))


def format_dense(weight: Weight) -> str:
    """Dtype, shape and elements; a float as the shortest decimal that reads back as the same."""
    array = weight.view()
    shape = ", ".join(map(str, weight.shape))
    return f"{weight.dtype}[{shape}] [{', '.join(_element(e, weight.dtype) for e in array.ravel().tolist())}]"


def _element(element: Any, dtype: DType) -> str:
    if dtype.kind == "complex":
        return f"({float(element.real)!r}, {float(element.imag)!r})"
    if dtype.kind == "float":
        return _float(element, dtype)
    if dtype.kind == "string":
        return quote(element if isinstance(element, str) else bytes(element).decode("utf-8", "surrogateescape"))
    return str(element).lower() if dtype.kind == "bool" else str(int(element))


def _float(element: float, dtype: DType) -> str:
    """The shortest decimal of the dtype, where reading it in double precision first gives the element again."""
    if dtype in (DType.F16, DType.F32):
        short = repr(float(str(dtype.numpy.type(element))))
        if dtype.numpy.type(float(short)) == element:
            return short
    return repr(float(element))


def format_type(type_: Type) -> str:
    """``f32[batch, 3]``, ``f32[*]``, ``sequence<...>``, ``optional<...>``."""
    if isinstance(type_, Tensor):
        dims = "*" if type_.shape is None else ", ".join(format_dim(d) for d in type_.shape)
        return f"{type_.dtype}[{dims}]"
    kind = "sequence" if isinstance(type_, Sequence) else "optional"
    assert isinstance(type_, Sequence | Optional)
    return f"{kind}<{format_type(type_.element)}>"


def attribute_dict(attributes: dict[str, Any]) -> str:
    """``{axis = -1, to = f16, mode = "linear"}``."""
    return "{" + ", ".join(f"{_key(k)} = {format_attribute(v)}" for k, v in attributes.items()) + "}"


def format_attribute(value: Any) -> str:
    """One attribute value."""
    if isinstance(value, tuple):
        return "[" + ", ".join(format_attribute(v) for v in value) + "]"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Weight):
        return f"dense {format_dense(value)}"
    return "none" if value is None else repr(value)


def quote(text: str) -> str:
    """A string literal."""
    return json.dumps(text)


def _symbol(name: str) -> str:
    bare = name.replace("#", "").isalnum() if name.isascii() else False
    return name if bare or (name.isascii() and name.isidentifier()) else quote(name)


def _key(name: str) -> str:
    """A name that the lexer reads as a word, or a string."""
    return name if name.isascii() and name.isidentifier() and name not in NUMBERS else quote(name)
