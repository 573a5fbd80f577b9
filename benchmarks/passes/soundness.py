"""Which simplifier is right on models that invite an unsound rewrite. ``python -m benchmarks.passes.soundness``.

The models are those of ``tests/support/soundness``. Each tool rewrites each of them at its default settings; what it
leaves is run by ONNX Runtime with optimisations off and held against what the model computes, as our tests hold ours.
ONNX Runtime itself is a tool as well, at two levels.

``right``; ``wrong``: other results, or a model that does not run; ``interface``: names, order, dtypes, dims or defaults
of inputs and outputs changed; ``fails``: the tool raises, dies or hangs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import onnx
from benchmarks.common import peers_python, table
from benchmarks.passes.written import PEERS, SCRIPT

from support.soundness import TRAPS
from support.soundness.judging import changed, faults, in_onnxruntime
from support.soundness.trap import Trap

LEVELS = {"ORT basic": "ORT_ENABLE_BASIC", "ORT all": "ORT_ENABLE_ALL"}
TOOLS = ("ours", *PEERS)
PATIENCE = 300.0
"""Seconds for all models; a tool that takes longer hangs on the one at hand."""


def rewritten(tool: str, traps: list[Trap], folder: Path) -> None:
    """Let a tool rewrite all models, in a process that is started again where it dies."""
    for trap in traps:
        (folder / f"{trap.name}.in.onnx").write_bytes(trap.model.SerializeToString())
    python = sys.executable if tool == "ours" else peers_python()
    while True:
        try:
            done = subprocess.run(
                [str(python), str(SCRIPT), "many", tool, str(folder)],
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            continue  # the model at hand is marked as the one that it died of
        if done.returncode == 0:
            return


def verdict(trap: Trap, folder: Path) -> tuple[str, str]:
    """Of what a tool left of one model."""
    failure, target = folder / f"{trap.name}.error", folder / f"{trap.name}.out.onnx"
    if failure.is_file():
        return "fails", failure.read_text()[:200]
    model = onnx.load(target)
    odd = changed(trap, model)
    if odd and not odd[0].startswith("output "):
        return "interface", odd[0]
    try:
        wrong = faults(trap, lambda feed: in_onnxruntime(model, feed))
    except Exception as error:  # noqa: BLE001 - whatever a runtime says of it: it does not run
        return "wrong", f"does not run: {str(error)[:200]}"
    if wrong:
        return "wrong", wrong[0]
    return ("interface", odd[0]) if odd else ("right", "")


def at_level(trap: Trap, level: str) -> tuple[str, str]:
    """Of ONNX Runtime itself."""
    try:
        wrong = faults(trap, lambda feed: in_onnxruntime(trap.model, feed, level))
    except Exception as error:  # noqa: BLE001 - as above
        return "fails", str(error)[:200]
    return ("wrong", wrong[0]) if wrong else ("right", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="models whose name holds this text")
    parser.add_argument("--tools", default=",".join([*TOOLS, *LEVELS]))
    parser.add_argument("-v", "--verbose", action="store_true", help="say how it is wrong")
    given = parser.parse_args()
    traps = [t for t in TRAPS if given.only in t.name]
    columns: dict[str, dict[str, tuple[str, str]]] = {}
    for tool in given.tools.split(","):
        if tool in LEVELS:
            columns[tool] = {t.name: at_level(t, LEVELS[tool]) for t in traps}
        else:
            with tempfile.TemporaryDirectory() as name:
                rewritten(tool, traps, Path(name))
                columns[tool] = {t.name: verdict(t, Path(name)) for t in traps}
        print(tool, dict(Counter(v for v, _ in columns[tool].values())), file=sys.stderr, flush=True)
    rows = [[t.name, *(columns[tool][t.name][0] for tool in columns)] for t in traps]
    table("Cases on which some tool is not right", ["case", *columns], [r for r in rows if set(r[1:]) != {"right"}])
    counts = {tool: Counter(v for v, _ in found.values()) for tool, found in columns.items()}
    kinds = ("right", "wrong", "interface", "fails")
    table(f"Of {len(traps)} cases", ["verdict", *columns], [[k, *(counts[t][k] for t in columns)] for k in kinds])
    if given.verbose:
        for tool, found in columns.items():
            for name, (said, why) in found.items():
                if said != "right":
                    print(f"{tool}, {name}: {said}: {why}")
    return int("ours" in counts and counts["ours"]["right"] != len(traps))


if __name__ == "__main__":
    sys.exit(main())
