"""One sample: an op with its other arguments baked in, exported, loaded, evaluated, and held against eager torch.

Also the program of a worker: ``python -m benchmarks.torch.opinfo.samples``; it reads op numbers as lines, and for each
prints its samples' outcomes as one line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
import torch
from torch.export.graph_signature import ConstantArgument, OutputKind
from torch.utils import _pytree as pytree

from support.torch_judged import arrays, compared

Verdict = Literal["right", "doubtful", "wrong", "unsupported", "crash", "excluded"]
DTYPES = (torch.float32, torch.int64, torch.bool)
SEED = 20261128
CHOOSING = {"topk", "sort", "argsort", "kthvalue", "median", "nanmedian", "mode"}
"""Ops that say where an element is, of which there may be several that are equal."""
UNFILLED = {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted"}
"""Ops whose result is whatever memory held."""


@dataclass(frozen=True)
class Outcome:
    """What came of one sample: the dtype that it was drawn for, the ops of its exported program, verdict and reason."""

    dtype: str
    targets: tuple[str, ...]
    verdict: Verdict
    reason: str = ""


class Sampled(torch.nn.Module):
    """A function of the tensors among its arguments alone."""

    def __init__(self, function: Any, arguments: Any) -> None:
        super().__init__()
        self.function = function
        leaves, self.spec = pytree.tree_flatten(arguments)
        self.others = [None if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        self.places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)]
        self.tensors = tuple(leaves[i].detach() for i in self.places)

    def forward(self, *tensors: torch.Tensor) -> Any:
        leaves = list(self.others)
        for place, tensor in zip(self.places, tensors, strict=True):
            leaves[place] = tensor
        args, kwargs = pytree.tree_unflatten(leaves, self.spec)
        return self.function(*args, **kwargs)

    def fresh(self) -> tuple[torch.Tensor, ...]:
        """Copies of the tensors, laid out in memory as they are."""
        return tuple(t.clone() for t in self.tensors)


def brief(error: BaseException | str) -> str:
    """The first line that says something, fit for a cell of a table."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = (lines[0] if lines else "")[:160].replace("|", "/")
    return text if isinstance(error, str) else f"{type(error).__name__}: {text}"


def targets_of(program: torch.export.ExportedProgram) -> tuple[Any, ...]:
    """The ops of a program and of its branches, each once, in order of first use."""
    graphs = [m.graph for m in program.graph_module.modules() if isinstance(m, torch.fx.GraphModule)]
    calls = [n.target for g in graphs for n in g.nodes if n.op == "call_function"]
    return tuple(dict.fromkeys(t for t in calls if isinstance(t, torch._ops.OpOverload)))


def outcome(name: str, function: Any, sample: Any, dtype: torch.dtype) -> Outcome:
    """What comes of a sample."""
    short = str(dtype).removeprefix("torch.")
    module = Sampled(function, ((sample.input, *sample.args), sample.kwargs))
    try:
        result = module(*module.fresh())
    except Exception as error:  # noqa: BLE001 - whatever torch raises
        return Outcome(short, (), "excluded", f"eager torch raises: {brief(error)}")
    try:
        program = torch.export.export(module, module.fresh(), strict=False)
    except Exception as error:  # noqa: BLE001 - whatever torch raises
        return Outcome(short, (), "excluded", f"torch.export fails: {type(error).__name__}")
    ops = targets_of(program)
    targets = tuple(str(op) for op in ops)
    if any(torch.Tag.nondeterministic_seeded in op.tags for op in ops) and differs(module, arrays(result)):
        return Outcome(short, targets, "excluded", "random")
    if name in UNFILLED:
        return Outcome(short, targets, "excluded", "its result is whatever memory held")
    verdict, reason, places = judged(program, arrays(module.fresh()), outputs(program, result))
    if (
        verdict == "wrong"
        and name in CHOOSING
        and places
        and has_equals(module)
    ):
        return Outcome(short, targets, "doubtful", "which of equal elements is meant is not defined")
    return Outcome(short, targets, verdict, reason)


def has_equals(module: Sampled) -> bool:
    """Whether some of a tensor's elements are equal."""
    return any(t.unique().numel() < t.numel() for t in module.tensors)


def outputs(program: torch.export.ExportedProgram, result: Any) -> list[np.ndarray[Any, Any]]:
    """What eager torch gave for each output of the program: numbers that are no constants too."""
    specs = [s.arg for s in program.graph_signature.output_specs if s.kind is OutputKind.USER_OUTPUT]
    leaves = zip(pytree.tree_leaves(result), specs, strict=True)
    return arrays([_tensor(leaf) for leaf, spec in leaves if not isinstance(spec, ConstantArgument)])


def _tensor(leaf: Any) -> torch.Tensor:
    """A tensor as it is, a number of Python's in as many bits."""
    return torch.as_tensor(leaf, dtype=torch.float64 if isinstance(leaf, float) else None)


def differs(module: Sampled, wanted: list[np.ndarray[Any, Any]]) -> bool:
    """Whether eager torch gives other results from another state of its generator."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED + 1)
        again = arrays(module(*module.fresh()))
    return any(not np.array_equal(p, q, equal_nan=p.dtype.kind == "f") for p, q in zip(wanted, again, strict=True))


def judged(program: torch.export.ExportedProgram, inputs: list[Any], wanted: list[Any]) -> tuple[Verdict, str, bool]:
    """A program as we load it, on ``inputs``: eager torch's results and ours, each within the derived bounds.

    Also whether places alone are other ones: the last result, or the only one, of int64. The values before it agree.
    """
    import interlingua
    from interlingua.errors import UnsupportedOps

    try:
        module = interlingua.load(program)
        if len(module.output_names) != len(wanted):
            return "wrong", f"{len(module.output_names)} outputs, not {len(wanted)}", False
        found = compared(module, inputs, wanted)
    except UnsupportedOps as error:
        return "unsupported", "; ".join(f"{op}: {reason}" for op, reason in error.groups()), False
    except Exception as error:  # noqa: BLE001 - a crash is an outcome
        return "crash", brief(error), False
    bad = [c for c in found if not c.passed]
    if bad:
        places = {c.output for c in bad} == {module.output_names[-1]} and wanted[-1].dtype == np.int64 and inputs
        detail = bad[0].detail or f"error {bad[0].error:.3g}, bound {bad[0].bound:.3g}"
        return "wrong", brief(f"{bad[0].case}: {detail}"), bool(places)
    if found and all(c.excused == 1.0 for c in found):
        return "doubtful", "nothing can be said of any element", False
    return "right", "", False


def outcomes(op: Any, dtype: torch.dtype, most: int) -> Iterator[Outcome]:
    """The first samples of an op for a dtype."""
    if dtype not in op.supported_dtypes("cpu"):
        return
    torch.manual_seed(SEED)
    random.seed(SEED)
    np.random.seed(SEED % 2**32)
    for sample in islice(op.sample_inputs("cpu", dtype, requires_grad=False), most):
        yield outcome(op.name, op.op, sample, dtype)


def main() -> None:
    from torch.testing._internal.common_methods_invocations import op_db

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    most, answers = int(sys.argv[1]), sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            found: list[dict[str, Any]] = []
            for dtype in DTYPES:
                try:
                    found += [asdict(o) for o in outcomes(op_db[int(line)], dtype, most)]
                except Exception as error:  # noqa: BLE001 - torch draws no samples
                    reason = f"no samples: {brief(error)}"
                    found.append(asdict(Outcome(str(dtype).removeprefix("torch."), (), "excluded", reason)))
            print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    main()
