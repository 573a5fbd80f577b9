"""Whether fuzzing finds known bugs of ONNX Runtime by itself, each with a small script that shows it.

::

    python benchmarks/judge/refind.py                 # five seeds of 10 CPU-minutes
    python benchmarks/judge/refind.py --quick         # one seed of 2 CPU-minutes
    python benchmarks/judge/refind.py --output FOLDER # keep the findings

Nothing is planted, and the generators know none of the bugs. Each bug is first shown by hand, so that one which the
installed version does not have is told from one that was not found; what is found is classified by its reduced module
alone. Another version of the runtime is measured by putting it on ``PYTHONPATH``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.common import table  # noqa: E402

from interlingua.diagnosis.findings.finding import Finding  # noqa: E402
from interlingua.diagnosis.findings.opinions import OPTIMIZER  # noqa: E402
from interlingua.diagnosis.fuzz.campaign import Campaign, fuzz  # noqa: E402
from interlingua.ir.graph import Module, Node  # noqa: E402
from interlingua.ir.ops.source import Constant  # noqa: E402

SMALL = 3
"""Nodes that a reduced module may have."""
CPU_SECONDS, QUICK_SECONDS = 600.0, 120.0
SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Bug:
    """A known bug.

    Attributes:
        there: whether the installed runtime has it, shown on a model written by hand.
        fits: whether a finding, reduced to this module, is it.
    """

    name: str
    there: Callable[[], bool]
    fits: Callable[[Finding, Module], bool]


def main() -> None:
    """Run the campaigns and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one seed, 2 CPU-minutes")
    parser.add_argument("--cpu-seconds", type=float, help="of each campaign")
    parser.add_argument("--seeds", type=int, nargs="+", help="of the campaigns")
    parser.add_argument("--output", type=Path, help="folder for the findings")
    chosen = parser.parse_args()
    seconds = chosen.cpu_seconds or (QUICK_SECONDS if chosen.quick else CPU_SECONDS)
    seeds = chosen.seeds or (SEEDS[:1] if chosen.quick else SEEDS)
    import onnxruntime

    there = {bug.name: bug.there() for bug in BUGS}
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.output or Path(name)
        campaigns = {s: one(s, seconds, folder / f"seed-{s}") for s in seeds}
        report(f"ONNX Runtime {onnxruntime.__version__}, {seconds:g} CPU-seconds a seed", there, campaigns)


def one(seed: int, seconds: float, folder: Path) -> Campaign:
    """One campaign, nothing known."""

    def tell(campaign: Campaign) -> None:
        counts = f"{campaign.cases} cases, {len(campaign.findings)} findings, {campaign.cpu:.0f} CPU-seconds"
        print(f"seed {seed}: batch {campaign.batches}, {counts}", file=sys.stderr, flush=True)

    return fuzz("onnx", cpu_seconds=seconds, seed=seed, output=folder, known=False, keep=sought, progress=tell)


def report(title: str, there: Mapping[str, bool], campaigns: Mapping[int, Campaign]) -> None:
    """The tables: the bugs that were looked for, the campaigns, everything that was found."""
    rows = []
    for bug in BUGS:
        cells = [found(bug, campaign) for campaign in campaigns.values()]
        hits = sum(cell.startswith("yes") for cell in cells)
        score = f"{hits} of {len(cells)}" if there[bug.name] else "not in this version"
        rows.append([bug.name, "yes" if there[bug.name] else "no", *cells, score])
    table(title, ["bug", "by hand", *(f"seed {s}" for s in campaigns), "found"], rows)
    columns = ["seed", "cases", "batches", "CPU s", "s", "findings", "confirmed scripts", "problems"]
    table("Campaigns", columns, [[s, *_numbers(c)] for s, c in campaigns.items()])
    every: dict[tuple[str, str, str], list[str]] = {}
    for seed, campaign in campaigns.items():
        for finding in campaign.findings:
            key = finding.signature.title, finding.signature.message[:160].replace("|", "/"), named(finding)
            every.setdefault(key, []).append(f"{seed} ({finding.count}×)")
    rows = [[title, message, bug, ", ".join(seeds)] for (title, message, bug), seeds in sorted(every.items())]
    table("Everything that was found", ["finding", "message", "bug", "seeds"], rows)


def _numbers(campaign: Campaign) -> list[object]:
    import json

    scripts = [json.loads((folder / "meta.json").read_text())["confirmed"] for folder in campaign.folders.values()]
    seconds = f"{campaign.cpu:.0f}", f"{campaign.seconds:.0f}"
    confirmed = f"{sum(scripts)} of {len(scripts)}"
    return [campaign.cases, campaign.batches, *seconds, len(campaign.findings), confirmed, len(campaign.problems)]


def found(bug: Bug, campaign: Campaign) -> str:
    """Whether a campaign found a bug, and in how many nodes."""
    fitting = [f for f in campaign.findings if bug.fits(f, f.packed.module())]
    if not fitting:
        return "no"
    best = min(fitting, key=lambda f: f.packed.nodes)
    dtypes = sorted({str(r.tensor.dtype) for n in best.packed.module().walk() for r in n.results if not _is_data(n)})
    about = f"{best.packed.nodes} nodes, {best.signature.verdict.value}, {'/'.join(dtypes)}"
    return f"yes: {about}, {sum(f.count for f in fitting)}×" if best.packed.nodes <= SMALL else f"not reduced: {about}"


def _is_data(node: Node) -> bool:
    return isinstance(node.op, Constant)


def named(finding: Finding) -> str:
    """The bug that a finding is, if it is one of those that were looked for."""
    module = finding.packed.module()
    return next((bug.name for bug in BUGS if bug.fits(finding, module)), "")


def sought(finding: Finding) -> bool:
    """Whether a finding is to have a script."""
    return named(finding) != ""


# What the reduced modules look like.


def _feeds(module: Module, first: str, *second: str) -> list[tuple[Node, Node]]:
    """Nodes of an op, each with a node of the others that reads it."""
    pairs = []
    for node in module.walk():
        if node.op.name == first:
            users = [u for r in node.results for u, _ in r.uses if isinstance(u, Node)]
            pairs += [(node, u) for u in users if u.op.name in second]
    return pairs


def _is_pad_fold(finding: Finding, module: Module) -> bool:
    """The rewrite gives wrong numbers, or pads that the pool refuses; with the optimiser off, neither."""
    return finding.signature.culprit == OPTIMIZER and any(_feeds(module, "core.pad", "core.max_pool"))


def _is_relu_clip(finding: Finding, module: Module) -> bool:
    """The rewrite knows float32 and float16 alone: float64 is one of several dtypes that it breaks, and the example
    that is kept is the smallest. Which dtype that is stands in the table."""
    pairs = _feeds(module, "nn.relu", "nn.clip")
    unknown = any(str(r.result.tensor.dtype) not in ("f32", "f16") for r, _ in pairs)
    return finding.signature.culprit == OPTIMIZER and unknown


def _is_dilated_same(finding: Finding, module: Module) -> bool:
    pools = [n for n in module.walk() if n.op.name in ("core.max_pool", "core.avg_pool", "nn.max_pool_with_indices")]
    dilated = any(max(n.op.attributes().get("dilations") or (1,)) > 1 for n in pools)
    shape = finding.signature.message.startswith("<name>: it is T0[#], not T0[#]")
    return finding.signature.verdict.value == "MISMATCH" and dilated and shape


# The same by hand.


def _run(nodes: list, elem: int, shape: tuple[int, ...], x: np.ndarray, weights: list, *, optimize: bool) -> np.ndarray:
    import onnx
    import onnxruntime as ort

    entry = onnx.helper.make_tensor_value_info("x", elem, shape)
    result = onnx.helper.make_tensor_value_info("y", elem, None)
    graph = onnx.helper.make_graph(nodes, "g", [entry], [result], weights)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    levels = ort.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimize else levels.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def _pad_fold_is_there() -> bool:
    from onnx import TensorProto, helper

    pads = helper.make_tensor("pads", TensorProto.INT64, [8], [0, 0, 1, 1, 0, 0, 1, 1])
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])
    nodes = [
        helper.make_node("Pad", ["x", "pads", "zero"], ["p"]),
        helper.make_node("MaxPool", ["p"], ["y"], kernel_shape=[3, 3], pads=[0, 0, 0, 0]),
    ]
    x = np.full((1, 1, 3, 3), -1, np.float32)
    off, on = (_run(nodes, TensorProto.FLOAT, x.shape, x, [pads, zero], optimize=o) for o in (False, True))
    return not np.array_equal(off, on)


def _relu_clip_is_there() -> bool:
    from onnx import TensorProto, helper

    low = helper.make_tensor("low", TensorProto.DOUBLE, [], [1.0])
    nodes = [helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Clip", ["r", "low"], ["y"])]
    x = np.array([-1.0, 0.5, 2.0])
    try:
        return not np.array_equal(_run(nodes, TensorProto.DOUBLE, x.shape, x, [low], optimize=True), [1.0, 1.0, 2.0])
    except Exception:  # noqa: BLE001 - ONNX Runtime has no errors of its own type
        return True


def _dilated_same_is_there() -> bool:
    from onnx import TensorProto, helper

    given = {"kernel_shape": [3, 3], "dilations": [2, 2], "auto_pad": "SAME_UPPER"}
    x = np.zeros((1, 1, 9, 9), np.float32)
    made = _run([helper.make_node("MaxPool", ["x"], ["y"], **given)], TensorProto.FLOAT, x.shape, x, [], optimize=True)
    return made.shape != x.shape  # with stride 1, SAME is the same size


BUGS = (
    Bug("Pad(0) folded into MaxPool", _pad_fold_is_there, _is_pad_fold),
    Bug("Relu → Clip in float64", _relu_clip_is_there, _is_relu_clip),
    Bug("shape of pooling with SAME_* and dilation", _dilated_same_is_there, _is_dilated_same),
)

if __name__ == "__main__":
    main()
