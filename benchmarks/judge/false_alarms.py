"""False alarms: correct kernels of other libraries, held against the derived bounds.

::

    python -m benchmarks.judge.false_alarms [--quick] [--only torch|onnxruntime] [--op NAME] [--first SEED]

Every op draws samples in every float dtype. PyTorch's kernels run in this process on one thread; ONNX Runtime's run
with its optimisations off. A comparison that fails is a false alarm, unless it is a deviation that is listed with its
reason: those are counted by name.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

from benchmarks.judge.deviations import DEVIATIONS  # noqa: E402
from common import table  # noqa: E402

from interlingua.backends.onnx.backend import OnnxBackend  # noqa: E402
from interlingua.equivalence.expect import expect  # noqa: E402
from interlingua.equivalence.generators.graphs import UNDRAWN  # noqa: E402
from interlingua.equivalence.judge import judge_value  # noqa: E402
from interlingua.equivalence.known_issues import Facts, known_issues  # noqa: E402
from interlingua.errors import EvaluationError, InterlinguaError  # noqa: E402
from interlingua.ir.clone import clone_module  # noqa: E402
from interlingua.ir.dialects import builtin_ops  # noqa: E402
from interlingua.ir.draw import RandomDraw, Sample  # noqa: E402
from interlingua.ir.dtypes import DType  # noqa: E402
from interlingua.ir.graph import Module  # noqa: E402
from interlingua.report import Comparison, Verdict  # noqa: E402
from interlingua.runtimes.numerics import IEEE, Numerics  # noqa: E402
from interlingua.runtimes.onnxruntime import NUMERICS, OnnxRunner  # noqa: E402
from interlingua.runtimes.workers import WarmWorker, Workers  # noqa: E402
from interlingua.stages import stages  # noqa: E402
from support.samples import module_of  # noqa: E402

FLOATS = (DType.F32, DType.F64, DType.F16, DType.BF16)


class FloatDraw(RandomDraw):
    """Draws that take one float dtype wherever an op allows it."""

    def __init__(self, seed: int, wanted: DType) -> None:
        super().__init__(seed)
        self.wanted = wanted

    def dtype(self, allowed: Iterable[DType]) -> DType:
        options = tuple(allowed)
        return self.wanted if self.wanted in options else super().dtype(options)


@dataclass
class Tally:
    """What came of one runtime."""

    name: str
    compared: int = 0
    alarms: list[str] = field(default_factory=list[str])
    deviations: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    excused: float = 0.0
    ops: set[str] = field(default_factory=set[str])
    seconds: float = 0.0
    shares: list[float] = field(default_factory=list[float])


def samples(names: Iterable[str], seeds: range) -> Iterator[tuple[str, DType, int, Sample]]:
    """Samples of every op in every float dtype that it takes."""
    ops = builtin_ops()
    for name in names:
        for wanted in FLOATS:
            for seed in seeds:
                sample = ops[name].sample(FloatDraw(seed, wanted))
                if has(sample.operands, wanted):
                    yield name, wanted, seed, sample


def has(operands: Iterable[Any], wanted: DType) -> bool:
    """Whether an operand is a tensor of this dtype."""
    return any(isinstance(o, np.ndarray) and o.dtype == wanted.numpy for o in operands)


def torch_outputs(sample: Sample) -> list[Any] | None:
    """What PyTorch gives; ``None`` where it has no such kernel."""
    import torch
    from benchmarks.judge.torch_kernels import KERNELS, SKIP, array_of, tensor_of

    operands = [o if o is None else tensor_of(o) for o in sample.operands]
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = KERNELS[sample.op.name](sample.op, *operands)
    except (RuntimeError, NotImplementedError, TypeError, IndexError, ValueError):
        return None
    if found is SKIP:
        return None
    return [None if f is None else array_of(f) for f in (found if isinstance(found, tuple) else (found,))]


def run_torch(names: Iterable[str], seeds: range, verbose: bool) -> Tally:
    """PyTorch's kernels."""
    import torch
    from benchmarks.judge.torch_kernels import KERNELS

    torch.set_num_threads(1)
    tally = Tally(f"PyTorch {torch.__version__}")
    for name, wanted, seed, sample in samples([n for n in names if n in KERNELS], seeds):
        outputs = torch_outputs(sample)
        if outputs is None:
            tally.refused[name] += 1
            continue
        module, inputs = module_of(sample)
        given = dict(zip(module.input_names, inputs, strict=True))
        count_comparisons(tally, "torch", sample, f"{name} {wanted} {seed}", module, given, outputs, IEEE, verbose)
    return tally


def run_onnxruntime(names: Iterable[str], seeds: range, verbose: bool) -> Tally:
    """ONNX Runtime's kernels, as the ONNX backend spells the op."""
    backend = OnnxBackend()
    with WarmWorker() as workers:
        tally = Tally(OnnxRunner("", optimize=False).description)
        for name, wanted, seed, sample in samples(names, seeds):
            module, inputs = module_of(sample)
            given = dict(zip(module.input_names, inputs, strict=True))
            outputs = onnx_outputs(backend, module, given, workers)
            if outputs is None:
                tally.refused[name] += 1
                continue
            count_comparisons(
                tally, "onnxruntime", sample, f"{name} {wanted} {seed}", module, given, outputs, NUMERICS, verbose
            )
    return tally


def onnx_outputs(backend: OnnxBackend, module: Module, inputs: dict[str, Any], workers: Workers) -> list[Any] | None:
    """The outputs of the emitted model; ``None`` where the backend or the runtime refuses."""
    copy = clone_module(module)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        try:
            target = backend.target(copy)
            for step in stages(backend, target, ()):
                step.apply(copy)
            backend.emit(copy, path, target)
            runner = OnnxRunner(path, optimize=False)
            runner.workers = workers
            (outcome,) = runner.run([inputs], timeout=60)
        except (InterlinguaError, ValueError):
            return None
    return None if outcome.outputs is None else list(outcome.outputs.values())


def count_comparisons(
    tally: Tally,
    runtime: str,
    sample: Sample,
    case: str,
    module: Module,
    inputs: dict[str, Any],
    outputs: list[Any],
    numerics: Numerics,
    verbose: bool,
) -> None:
    """Hold outputs against what is expected."""
    begin = time.perf_counter()
    try:
        expectation = expect(module, inputs, numerics)
    except EvaluationError:
        return
    tally.seconds += time.perf_counter() - begin
    excuse = Verdict.UNDEFINED if expectation.undefined else Verdict.AMBIGUOUS
    for (name, wanted), got in zip(expectation.outputs.items(), outputs, strict=False):
        if got is None:
            continue
        found = judge_value(name, wanted, got, case, excuse)
        tally.compared += 1
        tally.ops.add(sample.op.name)
        tally.excused += found.excused
        tally.shares.append(found.share)
        if not found.passed:
            known = listed(runtime, sample, found, module, inputs)
            book(tally, known, sample, found, verbose)


def listed(
    runtime: str, sample: Sample, found: Comparison, module: Module, inputs: dict[str, Any]
) -> str | None:
    """The deviation, or the known issue of the runtime, that this is."""
    known = next((d for d in DEVIATIONS if d.covers(runtime, sample, found)), None)
    if known is not None:
        return f"{known.name}: {known.reason}"
    message = f"{found.output}: {found.detail or 'beyond the bound'}"
    issue = known_issues(runtime).match(Facts(module, found.verdict, message, inputs, optimized=False))
    return None if issue is None else f"{issue.id}: {issue.reason}"


def book(tally: Tally, known: str | None, sample: Sample, found: Comparison, verbose: bool) -> None:
    """A deviation that is listed, or a false alarm."""
    if known is not None:
        tally.deviations[known] += 1
        return
    line = (
        f"{found.case} {found.output}{list(found.index)}: share {found.share:.3g}, error {found.error:.3g}, "
        f"bound {found.bound:.3g} {found.detail[:120]}"
    )
    tally.alarms.append(line)
    if verbose:
        print(line, "|", str(sample.op)[:120], [getattr(o, "shape", o) for o in sample.operands], flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples")
    parser.add_argument("--only", choices=("torch", "onnxruntime"))
    parser.add_argument("--op", action="append", help="these ops alone")
    parser.add_argument("--first", type=int, default=0, help="the first seed: others than those that rules grew by")
    parser.add_argument("--verbose", action="store_true", help="print every alarm as it comes")
    options = parser.parse_args()
    names = options.op or sorted(set(builtin_ops()) - UNDRAWN)
    counts = {"torch": (40, 8), "onnxruntime": (12, 2)}
    runs = {"torch": run_torch, "onnxruntime": run_onnxruntime}
    tallies = [
        run(names, range(options.first, options.first + counts[name][options.quick]), options.verbose)
        for name, run in runs.items()
        if options.only in (None, name)
    ]
    report(tallies)


def report(tallies: list[Tally]) -> None:
    """The figures."""
    rows = [
        [
            t.name, len(t.ops), t.compared, len(t.alarms), 1e4 * len(t.alarms) / max(t.compared, 1),
            sum(t.deviations.values()), f"{100 * t.excused / max(t.compared, 1):.1f} %",
            f"{t.compared / max(t.seconds, 1e-9):.0f}",
        ]
        for t in tallies
    ]  # fmt: skip
    columns = (
        "kernels of",
        "ops",
        "comparisons",
        "false alarms",
        "in 10,000",
        "listed deviations",
        "excused",
        "judged a second",
    )
    table("False alarms on correct kernels", columns, rows)
    for t in tallies:
        if t.deviations:
            table(f"Deviations of {t.name}", ("deviation", "comparisons"), sorted(t.deviations.items()))
        if t.alarms:
            table(f"Alarms of {t.name}", ("case",), [[a] for a in t.alarms])


if __name__ == "__main__":
    main()
