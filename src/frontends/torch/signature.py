"""The interface of an exported program: what its inputs and outputs are called, and how they are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signature:
    """How the arguments and results of a module become inputs and outputs.

    Attributes:
        inputs: the name of each leaf of the arguments that is an input; ``None`` for one that was fixed.
        fixed: the values of the leaves that were fixed.
        numbers: which leaves are Python numbers, not tensors.
        outputs: the name of each leaf of the result that is an output; ``None`` for one that is none.
        in_spec, out_spec: PyTorch's description of how leaves are put together.
    """

    inputs: tuple[str | None, ...]
    fixed: tuple[Any, ...]
    numbers: tuple[bool, ...]
    outputs: tuple[str | None, ...]
    in_spec: Any
    out_spec: Any


def signature_of(program: Any) -> Signature:
    """The signature of an ``ExportedProgram``."""
    from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind, TensorArgument

    given = [s.arg for s in program.graph_signature.input_specs if s.kind is InputKind.USER_INPUT]
    made = [s.arg for s in program.graph_signature.output_specs if s.kind is OutputKind.USER_OUTPUT]
    fixed = [isinstance(a, ConstantArgument) for a in given]
    labels = output_names(program.call_spec.out_spec)
    return Signature(
        tuple(None if f else a.name for a, f in zip(given, fixed, strict=True)),
        tuple(a.value if f else None for a, f in zip(given, fixed, strict=True)),
        tuple(not isinstance(a, TensorArgument) for a in given),
        tuple(None if isinstance(a, ConstantArgument) else n for a, n in zip(made, labels, strict=True)),
        program.call_spec.in_spec,
        program.call_spec.out_spec,
    )


def after(name: str) -> str:
    """The output that holds what an input is after the run, where the run writes into it."""
    return f"{name}_after"


def output_names(spec: Any) -> list[str]:
    """A name for each leaf of a result: its path of keys and numbers; ``output`` for the only one."""
    from torch.utils import _pytree as pytree

    tree = pytree.tree_unflatten(list(range(spec.num_leaves)), spec)
    paths = [path for path, _ in pytree.tree_flatten_with_path(tree)[0]]
    names = ["_".join(_word(key) for key in path) for path in paths]
    return _unique([("output" + (f"_{n}" if n else "")) if not n or n[0].isdigit() else n for n in names])


def _word(key: Any) -> str:
    for attribute in ("key", "name", "idx"):
        found = getattr(key, attribute, None)
        if found is not None:
            return str(found)
    return str(key)


def _unique(names: Sequence[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for name in names:
        number, fresh = 1, name
        while fresh in taken:
            number, fresh = number + 1, f"{name}_{number}"
        taken.add(fresh)
        found.append(fresh)
    return found
