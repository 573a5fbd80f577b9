"""What an exported program goes through before it is translated: writes in place resolved, operators without a
translation taken apart as PyTorch takes them apart, and nothing else touched."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interlingua.errors import Refusal, UnsupportedOps
from interlingua.frontends.torch.mutation import Aliases
from interlingua.frontends.torch.recurrent import whole_layers
from interlingua.frontends.torch.schema import overload_name
from interlingua.frontends.torch.table import Table

ROUNDS = 8
"""An operator may come apart into others that have no translation either; none does so often."""


def prepared(program: Any, table: Table) -> Any:
    """The program itself, or one that PyTorch has taken apart as far as ``table`` needs it."""
    stuck, before = set[Any](), set[Any]()
    for _ in range(ROUNDS):
        missing = {t for t in _targets(program.graph_module) if table.find(overload_name(t)) is None}
        entangled = bool(Aliases(program.graph_module.graph).entangled)
        decompositions = _decompositions(missing - stuck)
        composite = missing != before and any(t._can_decompose() for t in missing)
        if not decompositions and not entangled and not composite:
            return program
        before = missing
        try:
            program = _apart(program, decompositions)
        except Exception:
            failing = {t for t, d in decompositions.items() if not _works(program, {t: d})}
            if not failing:
                raise
            stuck |= failing
    return program


def _apart(program: Any, decompositions: Mapping[Any, Any]) -> Any:
    with warnings.catch_warnings(), whole_layers():
        warnings.simplefilter("ignore")
        return program.run_decompositions(dict(decompositions))


def _works(program: Any, decompositions: Mapping[Any, Any]) -> bool:
    """Some of PyTorch's decompositions do not come to an end, or do not run on tensors without elements."""
    try:
        _apart(program, decompositions)
    except Exception:  # noqa: BLE001 - whatever a decomposition raises: its operator has no translation then
        return False
    return True


def refuse_state(program: Any, attributes: Sequence[str], title: str) -> None:
    """Raise what the program writes into its own buffers or into its arguments, and the ``attributes`` of a script.

    Raises:
        UnsupportedOps: it does.
    """
    signature = program.graph_signature
    reason = "is written at every run, and an artifact keeps no state: call eval(), or load it with state='outputs'"
    refusals = [
        Refusal(kind, reason, str(name))
        for kind, found in (
            ("buffer", signature.buffers_to_mutate),
            ("parameter", getattr(signature, "parameters_to_mutate", {})),
            ("input", signature.user_inputs_to_mutate),
            ("attribute", dict(enumerate(attributes))),
        )
        for name in found.values()
    ]
    if refusals:
        raise UnsupportedOps(refusals, subject="the torch frontend", where=title)


def _targets(owner: Any) -> Iterator[Any]:
    """The operators called in a graph and in those that it carries."""
    for module in owner.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            if node.op == "call_function" and hasattr(node.target, "_schema"):
                yield node.target


def _decompositions(targets: set[Any]) -> dict[Any, Any]:
    """PyTorch's own decompositions of the operators into its core ones, of those that have one."""
    from torch.export import default_decompositions

    if not targets:
        return {}
    table = default_decompositions()
    return {target: table[target] for target in targets if target in table}
