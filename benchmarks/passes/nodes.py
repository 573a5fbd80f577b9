"""Simplification: nodes that are left of each model by each tool. ``python -m benchmarks.passes.nodes [MODEL …]``.

Counted are nodes that are no constants, sub-graphs and local functions included. Ours is checked as well: written again
it has as many nodes, and inputs and outputs keep their names, order, types and dims.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import onnx
from benchmarks.common import table
from benchmarks.passes.written import ALL, PEERS, TOOLS, interface, nodes, source, written

WITHIN = 1.05
"""Of the fewest nodes of all tools: never more than this."""


def counts(name: str, tools: list[str], folder: Path) -> dict[str, int | None]:
    """Nodes left by each tool that did not fail; ``None`` where it did."""
    found: dict[str, int | None] = {}
    for tool in tools:
        target = folder / f"{name}.{tool}.onnx"
        found[tool] = None if written(tool, source(name), target) is None else nodes(onnx.load(target))
    return found


def kept(name: str, folder: Path) -> list[str]:
    """What is wrong with our file: an interface that changed, or a second run that changes it again."""
    target, again = folder / f"{name}.ours.onnx", folder / f"{name}.again.onnx"
    before, after = onnx.load(source(name)), onnx.load(target)
    wrong = [
        f"{side}: {a} became {b}"
        for side, olds, news in zip(("inputs", "outputs"), interface(before), interface(after), strict=True)
        for a, b in zip(olds, news, strict=True)
        if a[:2] != b[:2] or not _fits(a[2], b[2], side)
    ]
    written("ours", target, again)
    if nodes(onnx.load(again)) != nodes(after):
        wrong.append(f"a second run leaves {nodes(onnx.load(again))} nodes of {nodes(after)}")
    return wrong


def _fits(old: list[object] | None, new: list[object] | None, side: str) -> bool:
    """Dims of inputs stay as they are; those of outputs may become known."""
    if old is None or new is None or old == new:
        return old is None or old == new
    return (
        side == "outputs"
        and len(old) == len(new)
        and all(a == b or not isinstance(a, int) for a, b in zip(old, new, strict=True))
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[], help="all where none is named")
    parser.add_argument("--tools", default=",".join(TOOLS))
    given = parser.parse_args()
    tools, names = given.tools.split(","), given.models or list(ALL)
    rows, wrong, fewest, beyond = [], [], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model in names:
            found = counts(model, tools, folder)
            rows.append(
                [model, nodes(onnx.load(source(model))), *("fails" if c is None else c for c in found.values())]
            )
            peers = [c for tool, c in found.items() if tool in PEERS and c is not None]
            ours = found.get("ours")
            if ours is not None:
                wrong.extend(f"{model}: {w}" for w in kept(model, folder))
                if peers:
                    fewest += ours <= min(peers)
                    beyond += ours > WITHIN * min(peers)
                    rows[-1].append(ours / min(peers))
            print(*rows[-1], file=sys.stderr, flush=True)
    table("Nodes that are no constants", ["model", "original", *tools, "ratio to the best peer"], rows)
    print(f"\nfewest of all: {fewest} of {len(names)}; more than {WITHIN} times the best: {beyond}")
    print("\n".join(wrong) if wrong else "interfaces kept, and a second run changes nothing")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
