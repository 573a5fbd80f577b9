"""The verifier: what must hold in every graph between any two steps."""

from __future__ import annotations

from interlingua.errors import ConstraintError, VerifierError
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.types import compatible


def verify_module(module: Module, *, types: bool = True) -> None:
    """Check every invariant.

    1. Operands are defined before they are used, in the same graph (regions capture nothing).
    2. Uses are exact. 3. Nodes, results, regions point back to their owners. 4. Declared types agree with the type
    rules (left out where ``types`` is false). 5. The interface matches ``main``.

    Raises:
        VerifierError: the first that does not hold, with its place.
    """
    for function in module.functions.values():
        _check_graph(function, types)
    main = module.functions.get("main")
    if main is None:
        raise VerifierError("there is no function main")
    for kind, ports, values in (
        ("input", module.inputs, len(main.inputs)),
        ("output", module.outputs, len(main.outputs)),
    ):
        if len(ports) != values:
            raise VerifierError(f"{len(ports)} {kind}(s) declared, main has {values}")
        names = [p.name for p in ports]
        if len(set(names)) != len(names):
            raise VerifierError(f"two {kind}s share a name: {names}")


def _check_graph(graph: Graph, types: bool) -> None:
    _check_links(graph)
    defined: dict[Value, None] = dict.fromkeys(graph.inputs)
    for index, value in enumerate(graph.inputs):
        _require(
            value.owner is graph and value.index == index,
            "an input does not know its graph",
            f"%{value.name}",
        )
    for node in graph.nodes:
        for index, operand in enumerate(node.operands):
            if operand is not None:
                _require(
                    operand in defined,
                    f"operand {index} (%{operand.name}) is not defined before its use",
                    node.place,
                )
                _require((node, index) in operand._uses, f"the use of operand {index} is not recorded", node.place)
        for region in node.regions:
            _require(region.parent is node, "a region does not know its node", node.place)
            _check_graph(region, types)
        for index, result in enumerate(node.results):
            _require(result.owner is node and result.index == index, "a result does not know its node", node.place)
            defined[result] = None
        if types:
            _check_types(node)
    for index, value in enumerate(graph.outputs):
        _require(value in defined, f"output {index} is not defined in the graph", graph.name)
        _require((graph, index) in value._uses, f"the use of output {index} is not recorded", graph.name)
    _require(len(graph.output_names) == len(graph.outputs), "outputs and their names differ in number", graph.name)
    _check_uses(graph, defined)


def _check_links(graph: Graph) -> None:
    before, node, count = None, graph._first, 0
    while node is not None:
        count += 1
        _require(count <= graph.length, f"more nodes than the {graph.length} counted", graph.name)
        _require(node.graph is graph, "a node does not know its graph", node.place)
        _require(node._prev is before, "a node is linked one way only", node.place)
        before, node = node, node._next
    _require(graph._last is before, "the last node is another than the links say", graph.name)
    _require(count == graph.length, f"{count} node(s), counted as {graph.length}", graph.name)


def _check_uses(graph: Graph, defined: dict[Value, None]) -> None:
    for value in defined:
        for user, index in value.uses:
            if isinstance(user, Node):
                held = user.graph is graph and index < len(user.operands) and user.operands[index] is value
            else:
                held = user is graph and index < len(graph.outputs) and graph.outputs[index] is value
            _require(held, f"%{value.name} has a use that is none", graph.name)


def _check_types(node: Node) -> None:
    operands = [None if o is None else o.type for o in node.operands]
    try:
        inferred = infer_types(node.op, operands, [r.signature for r in node.regions])
    except ConstraintError as error:
        raise VerifierError(error.what, where=node.place) from error
    _require(len(inferred) == len(node.results), f"{node.op.name} has {len(inferred)} results", node.place)
    for value, type_ in zip(node.results, inferred, strict=True):
        _require(
            compatible(value.type, type_),
            f"%{value.name} is declared {value.type} but is {type_}",
            node.place,
        )


def _require(condition: bool, what: str, where: str) -> None:
    if not condition:
        raise VerifierError(what, where=where)
