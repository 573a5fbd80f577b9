"""Text into modules: the inverse of the printer, by recursive descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.errors import ConstraintError, ParseError
from interlingua.ir.builder import Builder, Symbols
from interlingua.ir.dialect import OpSet
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import NO_ORIGIN, Graph, Module, Origin, Port, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.op import Op, attribute_names
from interlingua.ir.ops.source import Constant
from interlingua.ir.text.lexer import Tokens
from interlingua.ir.text.printer import VERSION
from interlingua.ir.text.types import DTYPES, TypeParser
from interlingua.ir.types import Tensor, Type, compatible
from interlingua.ir.weights import ArrayWeight, Weight

_WORDS: dict[str, Any] = {"true": True, "false": False, "none": None}


def parse_module(text: str, ops: OpSet, weights: Mapping[str, Weight] | None = None) -> Module:
    """The module that ``text`` prints.

    Args:
        text: the text form.
        ops: the ops that may occur.
        weights: the archive's weights by name, for constants that do not stand in the text.

    Raises:
        ParseError: the text is not of the form, names an unknown op, value or weight, or breaks a type rule.
    """
    return _Parser(text, ops, {} if weights is None else weights).module()


class _Parser(TypeParser):
    def __init__(self, text: str, ops: OpSet, weights: Mapping[str, Weight]) -> None:
        super().__init__(Tokens(text))
        self.ops = ops
        self.weights = weights

    def module(self) -> Module:
        t = self.tokens
        t.expect("interlingua")
        start = t.current.start
        version = t.expect_kind("number")
        if version != str(VERSION):
            raise ParseError(
                f"text form version {version}; this reader knows {VERSION}",
                where=self.line(start),
                hint="use the Interlingua that wrote it",
            )
        module = Module()
        if t.accept("module"):
            module.metadata = {k: str(v) for k, v in self.attributes().items()}
        while t.at("input") or t.at("output"):
            (module.inputs if t.take().text == "input" else module.outputs).append(self.port())
        while t.accept("func"):
            name = t.expect_kind("symbol")
            if name in module.functions:
                t.fail(f"function @{name} stands twice")
            module.functions[name] = self.block(name)
        if t.current.kind != "end":
            t.fail("expected a function")
        if "main" not in module.functions:
            t.fail("there is no func @main")
        self.check_ports(module)
        return module

    def check_ports(self, module: Module) -> None:
        for kind, ports, values in (
            ("input", module.inputs, module.main.inputs),
            ("output", module.outputs, module.main.outputs),
        ):
            if len(ports) != len(values):
                self.tokens.fail(f"{len(ports)} {kind}(s) declared, but @main has {len(values)}; before this")

    def port(self) -> Port:
        t = self.tokens
        name = t.expect_kind("string")
        t.expect("[")
        dims: list[int | str | None] | None = []
        if t.accept("*"):
            dims = None
        while dims is not None and not t.at("]"):
            if t.accept("?"):
                dims.append(None)
            elif t.current.kind == "string":
                dims.append(t.take().text)
            else:
                dims.append(self.integer())
            if not t.accept(","):
                break
        t.expect("]")
        default = self.constant() if t.accept("=") else None
        doc = t.expect_kind("string") if t.accept("doc") else ""
        return Port(name, None if dims is None else tuple(dims), default, doc)

    def block(self, name: str) -> Graph:
        t = self.tokens
        self.nest(1)
        b = Builder(Graph(name), symbols=Symbols())
        values: dict[str, Value] = {}
        t.expect("(")
        while t.current.kind == "value":
            label = t.take().text
            t.expect(":")
            self.define(values, label, b.rewriter.add_input(b.graph, self.type(), _plain(label)))
            if not t.accept(","):
                break
        t.expect(")")
        t.expect("{")
        while not t.accept("return"):
            self.node(b, values)
        outputs: list[Value] = []
        names: list[str] = []
        while t.current.kind == "value":
            outputs.append(self.use(values))
            t.expect("as")
            names.append(t.expect_kind("string"))
            if not t.accept(","):
                break
        t.expect("}")
        self.nest(-1)
        return b.outputs(outputs, names)

    def node(self, b: Builder, values: dict[str, Value]) -> None:
        t = self.tokens
        labels = []
        while t.current.kind == "value":
            labels.append(t.take().text)
            if not t.accept(","):
                break
        if labels:
            t.expect("=")
        start = t.current
        name = t.expect_kind("word")
        cls = self.ops.get(name)
        if cls is None:
            raise ParseError(f"unknown op {name}", where=self.line(start.start), hint="load the plugin that defines it")
        operands: list[Value | None] = []
        if cls is Constant:
            op: Op = Constant(self.constant())
        else:
            operands = self.operands(values)
            op = self.op(cls, self.attributes() if t.at("{") else {}, start.start)
        regions = self.regions(op) if t.accept("regions") else []
        types = self.types() if t.accept(":") else []
        self.add(b, values, labels, op, operands, regions, types, start.start)

    def add(
        self,
        b: Builder,
        values: dict[str, Value],
        labels: list[str],
        op: Op,
        operands: list[Value | None],
        regions: list[Graph],
        types: list[Type],
        position: int,
    ) -> None:
        try:
            inferred = infer_types(
                op, [None if o is None else o.type for o in operands], [r.signature for r in regions]
            )
        except ConstraintError as error:
            raise ParseError(error.what, where=self.line(position), hint=error.hint) from error
        if len(inferred) != len(types) or len(types) != len(labels):
            raise ParseError(f"{op.name} has {len(inferred)} result(s)", where=self.line(position))
        for wanted, stated in zip(inferred, types, strict=True):
            if not compatible(wanted, stated):
                raise ParseError(f"{op.name} gives {wanted}, not {stated}", where=self.line(position))
        full = [
            s.with_elements(w.elements) if isinstance(s, Tensor) and isinstance(w, Tensor) else s
            for s, w in zip(types, inferred, strict=True)
        ]
        node = b.rewriter.create(op, operands, full, regions, [_plain(label) for label in labels])
        node.origin, node.scope = self.place()
        b.rewriter.insert(node, b.graph)
        for label, value in zip(labels, node.results, strict=True):
            self.define(values, label, value)

    def place(self) -> tuple[Origin, str]:
        t = self.tokens
        origin = NO_ORIGIN
        if t.accept("from"):
            origin = Origin(t.expect_kind("string"), t.expect_kind("string"), t.expect_kind("string"))
        return origin, t.expect_kind("string") if t.accept("in") else ""

    def op(self, cls: type[Op], attributes: dict[str, Any], position: int) -> Op:
        known = attribute_names(cls)
        unknown = [name for name in attributes if name not in known]
        if unknown:
            raise ParseError(f"{cls.name} has no attribute {unknown[0]}", where=self.line(position))
        try:
            return cls(**attributes)
        except (ConstraintError, TypeError) as error:
            raise ParseError(str(error), where=self.line(position)) from error

    def operands(self, values: dict[str, Value]) -> list[Value | None]:
        t = self.tokens
        t.expect("(")
        found: list[Value | None] = []
        while not t.at(")"):
            found.append(None if t.accept("_") else self.use(values))
            if not t.accept(","):
                break
        t.expect(")")
        return found

    def regions(self, op: Op) -> list[Graph]:
        found = []
        for name in op.regions:
            if self.tokens.current.kind != "symbol" or self.tokens.current.text != name:
                self.tokens.fail(f"expected the region @{name}")
            self.tokens.take()
            found.append(self.block(name))
        self.tokens.expect("end")
        return found

    def use(self, values: dict[str, Value]) -> Value:
        if self.tokens.current.kind != "value":
            self.tokens.fail("expected a value")
        found = values.get(self.tokens.current.text)
        if found is None:
            self.tokens.fail("this value is not defined before")
        self.tokens.take()
        return found

    def define(self, values: dict[str, Value], label: str, value: Value) -> None:
        if label in values:
            self.tokens.fail(f"%{label} is defined twice; before this")
        values[label] = value

    def attributes(self) -> dict[str, Any]:
        t = self.tokens
        t.expect("{")
        found: dict[str, Any] = {}
        while not t.at("}"):
            if t.current.kind not in ("word", "string"):
                t.fail("expected a name")
            name = t.take().text
            if name in found:
                t.fail(f"{name} stands twice; before this")
            t.expect("=")
            found[name] = self.attribute()
            if not t.accept(","):
                break
        t.expect("}")
        return found

    def attribute(self) -> Any:
        t = self.tokens
        if t.accept("["):
            self.nest(1)
            items = []
            while not t.at("]"):
                items.append(self.attribute())
                if not t.accept(","):
                    break
            t.expect("]")
            self.nest(-1)
            return tuple(items)
        if t.current.kind == "string":
            return t.take().text
        if t.current.kind == "number":
            return self.number()
        if t.at("dense"):
            return self.constant()
        word = t.expect_kind("word")
        if word in _WORDS:
            return _WORDS[word]
        if word not in DTYPES:
            t.fail(f"{word!r} is no attribute value; before this")
        return DTYPES[word]

    def constant(self) -> Weight:
        t = self.tokens
        if t.current.kind == "symbol":
            found = self.weights.get(t.current.text)
            if found is None:
                t.fail("there is no such weight in the archive")
            t.take()
            return found
        t.expect("dense")
        type_ = self.type()
        shape = type_.static_shape if isinstance(type_, Tensor) else None
        if not isinstance(type_, Tensor) or shape is None:
            t.fail("a dense constant has a static shape; before this")
        elements = self.elements(type_.dtype)
        if int(np.prod(shape, dtype=object)) != len(elements):
            t.fail(f"{len(elements)} element(s) for shape {list(shape)}; before this")
        try:
            return ArrayWeight(_array(elements, type_.dtype, shape))
        except (OverflowError, ValueError, TypeError) as error:
            raise ParseError(f"an element is no {type_.dtype}: {error}", where=self.line(t.current.start)) from error

    def elements(self, dtype: DType) -> list[Any]:
        t = self.tokens
        t.expect("[")
        found: list[Any] = []
        while not t.at("]"):
            if t.accept("("):
                real = self.number()
                t.expect(",")
                found.append(complex(real, self.number()))
                t.expect(")")
            elif t.current.kind == "number":
                found.append(self.number())
            elif t.current.kind == "string":
                found.append(t.take().text)
            else:
                word = t.expect_kind("word")
                found.append(
                    _WORDS.get(word) if word in ("true", "false") else t.fail("expected an element; before this")
                )
            if not t.accept(","):
                break
        t.expect("]")
        return found

    def line(self, position: int) -> str:
        return self.tokens.place(position)


def _array(elements: list[Any], dtype: DType, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    if any(isinstance(e, str) != (dtype is DType.STRING) for e in elements):
        raise TypeError("strings and numbers are not one another")
    if dtype.is_float and dtype.needs_ml_dtypes:
        return np.array(elements, dtype=np.float64).astype(dtype.numpy).reshape(shape)
    return np.array(elements, dtype=dtype.numpy).reshape(shape)


def _plain(label: str) -> str:
    """Numbers stand for values without a name."""
    return "" if label.isdigit() else label
