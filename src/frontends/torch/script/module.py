"""A ``ScriptModule`` as a module that ``torch.export`` takes, and what its results are called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from interlingua.frontends.torch.script.machine import Machine

_NUMBERS = ("int", "float", "bool", "number")


def interpreted(script: Any, *, keep_state: bool) -> Any:
    """A ``torch.nn.Module`` that does what ``script`` does, with its parameters and buffers under the same names.

    Args:
        script: a ``torch.jit.ScriptModule``.
        keep_state: whether the attributes that a run writes are results too, see :func:`with_state`.
    """
    import torch

    class Interpreted(torch.nn.Module):
        """Walks the graph of a script.

        Attributes:
            written: the attributes that the last run wrote.
            place: where it is, or ended.
            numbers: the arguments that are Python's numbers.
        """

        def __init__(self) -> None:
            super().__init__()
            _mirror(script, self)
            self.training = script.training
            self.machine = Machine(script, lambda path: self.get_submodule(path) if path else self)

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            result, written = self.machine.run(args, kwargs)
            return with_state(result, written) if keep_state else result

        @property
        def numbers(self) -> list[str]:
            return [name for name, type_ in _types(script).items() if type_ in _NUMBERS]

        @property
        def place(self) -> str:
            return self.machine.place

        @property
        def written(self) -> list[str]:
            return list(self.machine.written)

    vars(Interpreted)["forward"].__signature__ = _signature(script)
    return Interpreted()


def _types(script: Any) -> dict[str, str]:
    """The types of the parameters of ``forward``, by name."""
    formals = script._c._get_method("forward").schema.arguments
    return {f.name: str(f.type).removeprefix("Optional[").removesuffix("]") for f in formals}


def _signature(script: Any) -> inspect.Signature:
    """The parameters of ``forward`` by their names: export and callers ask for them."""
    found = []
    for formal in script._c._get_method("forward").schema.arguments:
        default = formal.default_value if formal.has_default_value() else inspect.Parameter.empty
        kind = inspect.Parameter.KEYWORD_ONLY if formal.kwarg_only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        found.append(inspect.Parameter(formal.name, kind, default=default))
    return inspect.Signature(found)


def with_state(result: Any, state: Mapping[str, Any]) -> Any:
    """A result with the attributes that were written beside it; the result itself where there are none."""
    from torch.utils import _pytree as pytree

    from interlingua.frontends.torch.signature import output_names

    if not state:
        return result
    leaves, spec = pytree.tree_flatten(result)
    return {**dict(zip(output_names(spec), leaves, strict=True)), **state}


def _mirror(script: Any, target: Any) -> None:
    """Put the parameters and buffers of ``script`` in ``target``, in modules of the same names."""
    import torch

    for name, parameter in script.named_parameters(recurse=False):
        target.register_parameter(name, torch.nn.Parameter(parameter.detach(), requires_grad=False))
    for name, buffer in script.named_buffers(recurse=False):
        target.register_buffer(name, buffer)
    for name, child in script.named_children():
        inner = torch.nn.Module()
        _mirror(child, inner)
        target.add_module(name, inner)
