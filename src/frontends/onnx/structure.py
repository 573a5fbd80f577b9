"""What must hold of a ``ModelProto`` before anything recurses into it: names, functions.

The checker of the onnx package, its inliner and the importer all recurse, and expand what they find; a model made to be
expanded without end must be refused before they see it. Nothing here recurses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.body import Body

MAX_INLINED = 250_000
"""Nodes after functions are inlined: exporters write tens of thousands; a few kilobytes of calls could claim 2^60."""
_ADVICE = "fetch or export the model again"

Function: TypeAlias = tuple[str, str, str]


def check_names(found: Iterable[Body], label: str) -> None:
    """Refuse names that stand for two things, and values that are none.

    Raises:
        InvalidModel: what it is, and in which graph.
    """
    for body in found:
        place = f"{label}, graph {body.name!r}"
        _check_text(body, place)
        if not body.is_graph:
            continue  # a function: the inliner and the checker judge its names
        inputs, outputs = _names(body.proto.input), _names(body.proto.output)
        weights = body.weight_names
        for kind, names in (("inputs", inputs), ("outputs", outputs), ("weights", weights)):
            if len(set(names)) < len(names):
                ((name, _),) = Counter(names).most_common(1)
                raise InvalidModel(f"the name {name!r} stands twice among the {kind}", where=place, hint=_ADVICE)
        if "" in weights:
            raise InvalidModel("a weight has no name", where=place, hint=_ADVICE)
        taken = {*weights, *inputs}
        double = next((o for n in body.nodes for o in n.outputs if o and o in taken), None)
        if double is not None:
            raise InvalidModel(
                f"{double!r} is the result of a node, and a weight or input too", where=place, hint=_ADVICE
            )


def _check_text(body: Body, place: str) -> None:
    """protobuf gives bytes, and no error, for a string that is not UTF-8."""
    proto = body.proto
    words: list[Any] = [body.name, *body.weight_names]
    if body.is_graph:
        infos = [*proto.input, *proto.output]
        words += [word for i in infos for word in (i.name, i.doc_string)]
        words += [d.dim_param for i in infos for d in i.type.tensor_type.shape.dim]
    else:
        words += [proto.domain, *proto.input, *proto.output, *proto.attribute]
    for n in body.nodes:
        words += (n.name, n.op, n.domain)
        words += n.inputs
        words += n.outputs
        words += [name for name, _ in n.attributes]
    odd = next((w for w in set(words) if type(w) is not str), None)
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
