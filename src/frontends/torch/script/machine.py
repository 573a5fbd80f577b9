"""TorchScript, run in Python: what ``torch.export`` then traces like any module.

TorchScript's own interpreter makes plain integers of sizes, so that a trace of it is right for the example's sizes
alone. Here its graph is walked node by node: tensors are given to the operators, everything else is done by Python,
on symbols where sizes are symbols. Branches and loops are taken as Python takes them.

Nothing of an archive is run by other means, and no operator but those of tensors: there are some that write files.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interlingua.errors import InvalidModel, Refusal, UnsupportedOps
from interlingua.frontends.torch.places import innermost
from interlingua.frontends.torch.script.python import ALWAYS, NUMBERS, ONE_ELEMENT, SCALARS

SUBJECT = "TorchScript as it is read here"


@dataclass(slots=True)
class Run:
    """One run: the values so far, and the attributes that were written, by the path of the module and their name."""

    values: dict[str, Any] = field(default_factory=dict)
    written: dict[tuple[str, str], Any] = field(default_factory=dict)


class Machine:
    """Runs the methods of one ``ScriptModule``.

    Args:
        script: the module.
        part: gives for a path the module in which its parameters and buffers are now.

    Attributes:
        kind, source: of the node that was run last.
        written: the attributes that the last run wrote, by their paths.
    """

    def __init__(self, script: Any, part: Callable[[str], Any]) -> None:
        self.script = script
        self.part = part
        self.kind = self.source = ""
        self.written: dict[str, Any] = {}

    @property
    def place(self) -> str:
        """``file:line`` of the node that was run last, in the program that the script was made from."""
        return innermost(self.source)

    def run(self, arguments: Sequence[Any], keywords: dict[str, Any]) -> tuple[Any, Mapping[str, Any]]:
        """The result of ``forward``, and the attributes that it wrote, by their paths."""
        from torch.fx import traceback

        run = Run()
        bound = _bound(self.script._c._get_method("forward").schema, arguments, keywords)
        with traceback.preserve_node_meta():
            (result,) = self._method("", "forward", bound, run)
        self.written = {".".join(filter(None, key)): value for key, value in run.written.items()}
        return result, self.written

    def _method(self, path: str, name: str, arguments: Sequence[Any], run: Run) -> list[Any]:
        graph = _submodule(self.script, path)._c._get_method(name).inlined_graph
        inner = Run(written=run.written)
        inputs = list(graph.inputs())
        for formal, value in zip(inputs, [Owner(path), *arguments], strict=True):
            inner.values[formal.debugName()] = value
        return self._block(graph, inner)

    def _block(self, block: Any, run: Run) -> list[Any]:
        for node in block.nodes():
            self._enter(node)
            results = self._node(node, [run.values[i.debugName()] for i in node.inputs()], run)
            for output, result in zip(node.outputs(), results, strict=True):
                run.values[output.debugName()] = result
        return [run.values[o.debugName()] for o in block.outputs()]

    def _enter(self, node: Any) -> None:
        """What is traced from here on comes from ``node``."""
        from torch.fx import traceback

        self.kind, self.source = node.kind(), node.sourceRange()
        if self.source:
            traceback.set_stack_trace([self.source])

    def _node(self, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
        kind = node.kind()
        structural = _STRUCTURE.get(kind)
        if structural is not None:
            return structural(self, node, operands, run)
        function = _python(kind, operands)
        result = self._operator(node)(*operands) if function is None else function(*operands)
        count = len(list(node.outputs()))
        return [result] if count == 1 else [] if not count else result

    def _operator(self, node: Any) -> Callable[..., Any]:
        """The operator of tensors that a node calls: none that PyTorch does not dispatch by its tensors."""
        import torch

        schema = node.schema()
        name = "" if schema == "(no schema)" else torch._C.parse_schema(schema).overload_name
        known = _OTHERWISE.get(f"{self.kind}.{name}")
        if known is not None:
            return known
        if not torch._C._dispatch_has_kernel(f"{self.kind}.{name}".removesuffix(".")):
            raise self.unsupported("no translation")
        return _overload(self.kind, name)

    def unsupported(self, reason: str) -> UnsupportedOps:
        """The error that this node is the reason of."""
        return UnsupportedOps([Refusal(self.kind, reason, self.place)], subject=SUBJECT)


@dataclass(frozen=True, slots=True)
class Owner:
    """Stands for a module inside of the script."""

    path: str


def _python(kind: str, operands: Sequence[Any]) -> Callable[..., Any] | None:
    """What Python does; ``None`` where it is for an operator of tensors."""
    if kind in ALWAYS:
        return ALWAYS[kind]
    if any(map(_is_tensor, operands)):
        return ONE_ELEMENT.get(kind)
    return NUMBERS.get(kind)


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _overload(kind: str, name: str) -> Callable[..., Any]:
    """An operator of tensors, which takes operands as TorchScript has them."""
    import torch

    namespace, _, operator_name = kind.partition("::")
    overload = getattr(getattr(getattr(torch.ops, namespace), operator_name), name or "default")

    def call(*operands: Any) -> Any:
        positional, named = [], {}
        for formal, operand in zip(overload._schema.arguments, operands, strict=True):
            given = _scalar(str(formal.real_type), operand)
            if formal.kwarg_only:
                named[formal.name] = given
            else:
                positional.append(given)
        return overload(*positional, **named)

    return call


def _scalar(type_: str, operand: Any) -> Any:
    """An operand of a type that TorchScript has as numbers, as Python's binding has it."""
    names = SCALARS.get(type_.removeprefix("Optional[").removesuffix("]"))
    if names is None or not isinstance(operand, int) or isinstance(operand, bool):
        return operand
    import torch

    return getattr(torch, names[operand])


def _to_device(x: Any, device: Any, dtype: Any = None, non_blocking: bool = False, copy: bool = False) -> Any:
    return x.to(device=device, dtype=_scalar("ScalarType", dtype), copy=copy)


def _to_dtype(x: Any, dtype: Any = None, non_blocking: bool = False, copy: bool = False) -> Any:
    return x.to(dtype=_scalar("ScalarType", dtype), copy=copy)


def _tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    import torch

    return torch.tensor(data, dtype=_scalar("ScalarType", dtype), device=device)


def _number(number: Any) -> Any:
    import torch

    return torch.scalar_tensor(number, dtype=torch.float64 if isinstance(number, float) else torch.int64)


_OTHERWISE: dict[str, Callable[..., Any]] = {
    "aten::to.prim_Device": _to_device,
    "aten::to.prim_dtype": _to_dtype,
    "aten::to.prim_other": lambda x, other, *_: x.to(dtype=other.dtype, device=other.device),
    "aten::tensor.": _tensor,
    **dict.fromkeys(("aten::tensor.int", "aten::tensor.float", "aten::tensor.bool"), _tensor),
    "prim::NumToTensor.Scalar": _number,
}
"""Operators that TorchScript alone has."""


def _bound(schema: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> list[Any]:
    """Arguments in the order of a method's parameters, defaults filled in."""
    formals = schema.arguments[1:]
    if len(arguments) > len(formals):
        raise InvalidModel(f"forward takes {len(formals)} argument(s), {len(arguments)} are given")
    found = list(arguments)
    for formal in formals[len(arguments) :]:
        if formal.name not in keywords and not formal.has_default_value():
            raise InvalidModel(f"forward lacks its argument {formal.name}")
        found.append(keywords.get(formal.name, formal.default_value))
    return found


def _submodule(script: Any, path: str) -> Any:
    return operator.attrgetter(path)(script) if path else script


def _constant(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    return [node.output().toIValue()]


def _get_attribute(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    (owner,), name = operands, node.s("name")
    if not isinstance(owner, Owner):
        raise machine.unsupported("an attribute of an object that is no module")
    if (owner.path, name) in run.written:
        return [run.written[owner.path, name]]
    part = machine.part(owner.path)
    path = f"{owner.path}.{name}".lstrip(".")
    if name in part._modules:
        return [Owner(path)]
    for held in (part._parameters, part._buffers):
        if name in held:
            return [held[name]]
    found = _submodule(machine.script, owner.path)._c.getattr(name)
    if type(found).__name__ == "ScriptObject":
        raise machine.unsupported(f"{path} is an object of a class of its own")
    return [found]


def _set_attribute(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    owner, value = operands
    if not isinstance(owner, Owner):
        raise machine.unsupported("an attribute of an object that is no module")
    name = node.s("name")
    if machine.part(owner.path)._buffers.get(name) is not value:  # what is written in place is set again as well
        run.written[owner.path, name] = value
    return []


def _if(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    taken, other = node.blocks()
    return machine._block(taken if operands[0] else other, run)


def _loop(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    most, again, *carried = operands
    (body,) = node.blocks()
    trip = 0
    while again and trip < most:
        for formal, value in zip(body.inputs(), [trip, *carried], strict=True):
            run.values[formal.debugName()] = value
        again, *carried = machine._block(body, run)
        trip += 1
    return carried


def _raise(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    raise ValueError(f"the model refuses its inputs: {operands[0]}")


def _call_method(machine: Machine, node: Any, operands: list[Any], run: Run) -> Sequence[Any]:
    owner, *arguments = operands
    return machine._method(owner.path, node.s("name"), arguments, run)


_STRUCTURE: dict[str, Callable[[Machine, Any, list[Any], Run], Sequence[Any]]] = {
    "prim::CallMethod": _call_method,
    "prim::Constant": _constant,
    "prim::DictConstruct": lambda m, n, o, r: [dict(zip(o[::2], o[1::2], strict=True))],
    "prim::GetAttr": _get_attribute,
    "prim::If": _if,
    "prim::ListConstruct": lambda m, n, o, r: [list(o)],
    "prim::ListUnpack": lambda m, n, o, r: list(o[0]),
    "prim::Loop": _loop,
    "prim::RaiseException": _raise,
    "prim::SetAttr": _set_attribute,
    "prim::TupleConstruct": lambda m, n, o, r: [tuple(o)],
    "prim::TupleSlice": lambda m, n, o, r: [o[0][n.i("beg") : n.i("end")]],
    "prim::TupleUnpack": lambda m, n, o, r: list(o[0]),
}
