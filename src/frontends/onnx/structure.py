"""What must hold of a ``ModelProto`` before anything recurses into it: nesting, names, functions.

The checker of the onnx package, its inliner and onnx-graphsurgeon all recurse, and expand what they find; a model made
to be expanded without end must be refused before they see it. Nothing here recurses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from interlingua.errors import InvalidModel

MAX_NESTING = 32
"""Graphs inside graphs: protobuf reads 100 messages deep, and a graph in a graph takes three."""
MAX_INLINED = 250_000
"""Nodes after functions are inlined: exporters write tens of thousands; a few kilobytes of calls could claim 2^60."""
_ADVICE = "fetch or export the model again"

Function: TypeAlias = tuple[str, str, str]


def bodies(proto: Any) -> Iterator[Any]:
    """Every graph of the model and every function, the graphs inside them too: all that has nodes."""
    for body, _ in _nested(proto):
        yield body


def _nested(proto: Any) -> Iterator[tuple[Any, int]]:
    stack = [(proto.graph, 0), *((f, 0) for f in proto.functions)]
    while stack:
        body, depth = stack.pop()
        yield body, depth
        for node in body.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    stack.append((attribute.g, depth + 1))
                stack.extend((g, depth + 1) for g in attribute.graphs)


def tensors(body: Any) -> Iterator[Any]:
    """The tensors that a graph or function holds itself: weights, and attributes of its nodes."""
    yield from getattr(body, "initializer", ())
    sparse = list(getattr(body, "sparse_initializer", ()))
    for node in body.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            sparse += [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
            sparse += attribute.sparse_tensors
    for tensor in sparse:
        yield tensor.values
        yield tensor.indices


def shallow_bodies(proto: Any, label: str) -> list[Any]:
    """The :func:`bodies`, once it is known that they do not nest too deeply.

    Raises:
        InvalidModel: they do.
    """
    found = []
    for body, depth in _nested(proto):
        if depth > MAX_NESTING:
            raise InvalidModel(
                f"graph {body.name!r} lies in {depth} graphs; {MAX_NESTING} is the most that a file can hold",
                where=label,
                hint="flatten the If and Loop nodes of the model",
            )
        found.append(body)
    return found


def check_names(found: Iterable[Any], label: str) -> None:
    """Refuse names that stand for two things, and values that are none.

    Raises:
        InvalidModel: what it is, and in which graph.
    """
    for body in found:
        place = f"{label}, graph {body.name!r}"
        _check_text(body, place)
        if not hasattr(body, "initializer"):
            continue  # a function: the inliner and the checker judge its names
        weights = [t.name for t in body.initializer] + [t.values.name for t in body.sparse_initializer]
        for kind, names in (("inputs", _names(body.input)), ("outputs", _names(body.output)), ("weights", weights)):
            name, times = next(iter(Counter(names).most_common(1)), ("", 1))
            if times > 1:
                raise InvalidModel(f"the name {name!r} stands twice among the {kind}", where=place, hint=_ADVICE)
        if "" in weights:
            raise InvalidModel("a weight has no name", where=place, hint=_ADVICE)
        taken = {*weights, *_names(body.input)}
        double = next((o for n in body.node for o in n.output if o and o in taken), None)
        if double is not None:
            raise InvalidModel(
                f"{double!r} is the result of a node, and a weight or input too", where=place, hint=_ADVICE
            )


def _check_text(body: Any, place: str) -> None:
    """protobuf gives bytes, and no error, for a string that is not UTF-8."""
    words: list[Any] = [body.name]
    if hasattr(body, "initializer"):
        infos = [*body.input, *body.output]
        words += _names([*infos, *body.initializer]) + [i.doc_string for i in infos]
        words += [d.dim_param for i in infos for d in i.type.tensor_type.shape.dim]
    else:
        words += [body.domain, *body.input, *body.output, *body.attribute]
    for node in body.node:
        words += [node.name, node.op_type, node.domain, *node.input, *node.output, *_names(node.attribute)]
    odd = next((w for w in words if not isinstance(w, str)), None)
    if odd is not None:
        raise InvalidModel(f"the name {odd!r} is no UTF-8", where=place, hint=_ADVICE)


def _names(infos: Any) -> list[str]:
    return [info.name for info in infos]


def check_functions(proto: Any, label: str) -> None:
    """Refuse functions that call themselves, that stand twice, or that expand without measure.

    Raises:
        InvalidModel: which, and how.
    """
    if not proto.functions:
        return
    calls: dict[Function, Counter[Function]] = {}
    for function in proto.functions:
        key = (function.domain, function.name, getattr(function, "overload", ""))
        if key in calls:
            raise InvalidModel(f"function {function.name!r} is defined twice", where=label, hint=_ADVICE)
        calls[key] = _calls(function)
    sizes: dict[Function, int] = {}
    for key in _callees_first(calls, label):
        sizes[key] = sum(times * sizes.get(callee, 1) for callee, times in calls[key].items())
    total = sum(times * sizes.get(callee, 1) for callee, times in _calls(proto.graph).items())
    if total > MAX_INLINED:
        raise InvalidModel(
            f"the model has {total} nodes once its functions are inlined; {MAX_INLINED} is the limit",
            where=label,
            hint="inline or simplify the functions in the exporter",
        )


def _calls(body: Any) -> Counter[Function]:
    """How often each op or function is called in a body and the graphs inside it."""
    found: Counter[Function] = Counter()
    stack = [body]
    while stack:
        for node in stack.pop().node:
            found[(node.domain, node.op_type, getattr(node, "overload", ""))] += 1
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    stack.append(attribute.g)
                stack.extend(attribute.graphs)
    return found


def _callees_first(calls: dict[Function, Counter[Function]], label: str) -> list[Function]:
    """The functions in an order in which each comes after those that it calls."""
    done: dict[Function, None] = {}
    for root in calls:
        open_: dict[Function, Iterator[Function]] = {} if root in done else {root: iter(calls[root])}
        while open_:
            key, callees = next(reversed(open_.items()))
            callee = next((c for c in callees if c in calls and c not in done), None)
            if callee is None:
                done[key] = None
                del open_[key]
            elif callee in open_:
                raise InvalidModel(f"function {callee[1]!r} calls itself", where=label, hint="ONNX has no recursion")
            else:
                open_[callee] = iter(calls[callee])
    return list(done)


READ_KINDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8})
"""FLOAT, INT, STRING, TENSOR, GRAPH, FLOATS, INTS, STRINGS: the attributes that onnx-graphsurgeon reads. It leaves out
the others without an error."""
_KINDS = {9: "TENSORS", 10: "GRAPHS", 11: "SPARSE_TENSOR", 12: "SPARSE_TENSORS", 13: "TYPE_PROTO", 14: "TYPE_PROTOS"}


_KEPT = {11: "sparse_tensor", 13: "tp"}
"""Those of them that are put back as they are."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for an attribute that was not read."""

    kind: str


def restore_lost(graph: Any, proto: Any) -> None:
    """Put a :class:`Lost` (or the sparse tensor or type itself) where onnx-graphsurgeon left an attribute out of
    ``graph``."""
    stack = [(graph, proto)]
    while stack:
        read, body = stack.pop()
        for node, written in zip(read.nodes, body.node, strict=True):
            for attribute in written.attribute:
                kind = attribute.type
                if kind == 5 and not attribute.ref_attr_name:
                    stack.append((node.attrs[attribute.name], attribute.g))
                elif kind in _KEPT and not attribute.ref_attr_name:
                    node.attrs[attribute.name] = getattr(attribute, _KEPT[kind])
                elif kind not in READ_KINDS:
                    node.attrs[attribute.name] = Lost(_KINDS.get(kind, f"number {kind}"))
