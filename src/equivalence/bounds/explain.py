"""Where a bound comes from: the share of every op's own rounding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import Bounded, Rules
from interlingua.equivalence.bounds.evaluate import Bounding
from interlingua.equivalence.expectation import Contribution
from interlingua.errors import EvaluationError
from interlingua.ir.graph import Module, Node, Value
from interlingua.runtimes.numerics import IEEE, Numerics


def explain(
    module: Module,
    inputs: Mapping[str, Any],
    output: str,
    index: tuple[int, ...] | None = None,
    numerics: Numerics = IEEE,
) -> list[Contribution]:
    """The shares of the bound at one element by op, largest first: the module is bounded once for each node with only
    that node's rounding switched on.

    Args:
        output: its name.
        index: of the element; the one with the largest bound where absent.

    Returns:
        nothing where the element is exact; where nothing can be said of it, the ops that are to blame, with equal
        shares.

    Raises:
        EvaluationError: there is no such output or element, or the reference cannot be computed.
    """
    if output not in module.output_names:
        raise EvaluationError(f"the model has no output {output!r}", hint=f"its outputs are {module.output_names}")
    place = module.output_names.index(output)
    run = Bounding(module, Rules(numerics))
    whole = run.bounds(inputs)[place]
    if not isinstance(whole, Bounded):
        raise EvaluationError(f"output {output!r} is no tensor", hint="only tensors have bounds")
    if whole.error is None:
        return []
    at = np.unravel_index(int(np.argmax(whole.error)), whole.error.shape) if index is None else index
    if np.isinf(_error(whole, at, output)):
        causes = run.found()
        return [Contribution(c.op, c.place, 1 / len(causes)) for c in causes]
    alone = {}
    for node in _upstream(module.main.outputs[place]):
        found = Bounding(module, Rules(numerics, only=node)).bounds(inputs)[place]
        alone[node] = _error(found, at, output)
    total = sum(alone.values())
    parts = [Contribution(n.op.name, n.place, e / total) for n, e in alone.items() if e > 0]
    return sorted(parts, key=lambda c: -c.share)


def _error(x: Bounded, at: Any, output: str) -> float:
    try:
        return 0.0 if x.error is None else float(x.error[at])
    except IndexError as error:
        raise EvaluationError(f"output {output!r} has shape {list(x.value.shape)}, no element {list(at)}") from error


def _upstream(value: Value) -> list[Node]:
    """The nodes that a value hangs on."""
    found: dict[Node, None] = {}
    pending = [value]
    while pending:
        node = pending.pop().node
        if node is not None and node not in found:
            found[node] = None
            pending.extend(o for o in node.operands if o is not None)
    return [n for n in found if n.op.name != "core.constant"]
