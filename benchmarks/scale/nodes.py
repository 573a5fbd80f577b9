"""Time per node of load + clean-up + emit, on a small and on a large graph: it should not grow with the graph.

::

    python benchmarks/scale/nodes.py [--small 5000] [--large 50000] [--runs 3] [--most 1.3]

The graph is a chain whose nodes also use values from far back (a DAG), with weights, shape arithmetic and values of
many uses, as real models have. Each run is a process of its own; runs of the two sizes take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median


def build(nodes: int) -> bytes:
    """A model of that many nodes."""
    import numpy as np
    import onnx
    import onnx.helper as h

    rng = np.random.default_rng(0)
    weights = [
        onnx.numpy_helper.from_array(rng.standard_normal(16).astype(np.float32), f"w{i}") for i in range(nodes // 10)
    ]
    made, last, history = [], "x", ["x"]
    for i in range(nodes):
        out, kind = f"v{i}", i % 10
        far = history[int(rng.integers(len(history)))]
        if kind == 0:
            made.append(h.make_node("Add", [last, f"w{(i // 10) % len(weights)}"], [out], f"/block.{i // 100}/add_{i}"))
        elif kind == 5:
            made.append(h.make_node("Shape", [last], [f"s{i}"], f"/block.{i // 100}/shape_{i}"))
            made.append(h.make_node("Reshape", [last, f"s{i}"], [out], f"/block.{i // 100}/reshape_{i}"))
        elif kind in (3, 7):
            made.append(h.make_node("Mul", [last, far], [out], f"/block.{i // 100}/mul_{i}"))
        elif kind == 9:
            made.append(
                h.make_node("Add", [last, "x"], [out], f"/block.{i // 100}/residual_{i}")
            )  # many uses of one value
        else:
            made.append(
                h.make_node(("Relu", "Tanh", "Neg", "Sigmoid")[kind % 4], [last], [out], f"/block.{i // 100}/act_{i}")
            )
        last = out
        history.append(out)
    made = made[: nodes - 1]
    result = next(n.output[0] for n in reversed(made) if n.op_type != "Shape")
    made.append(h.make_node("Identity", [result], ["y"]))
    infos = [h.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["batch", 16]) for n in ("x", "y")]
    graph = h.make_graph(made, "scale", infos[:1], infos[1:], weights)
    return h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8).SerializeToString()


def measure(path: str) -> dict[str, float]:
    """Seconds of each stage, and those of the processor in all: they do not count what else the machine does."""
    import interlingua
    from interlingua.plugins import plugins

    plugins().backend("onnx").lowerings  # noqa: B018 - imports are not what is measured
    interlingua.convert(Path(path).with_name("warm.onnx"), to="onnx", verify=False)
    start = time.process_time()
    done = interlingua.convert(path, to="onnx", verify=False)
    return {"seconds": time.process_time() - start, **done.report.timings}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=5_000)
    parser.add_argument("--large", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most", type=float, default=1.3)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        print(json.dumps(measure(given.worker)))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder, sizes = Path(name), (given.small, given.large)
        (folder / "warm.onnx").write_bytes(build(100))
        for size in sizes:
            (folder / f"{size}.onnx").write_bytes(build(size))
        found: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
        for _ in range(given.runs):
            for size in sizes:
                command = [sys.executable, __file__, "--worker", str(folder / f"{size}.onnx")]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found[size].append(json.loads(done.stdout.splitlines()[-1]))
    per_node = {s: {k: 1e6 * median(r[k] for r in runs) / s for k in runs[0]} for s, runs in found.items()}
    for size, stages in per_node.items():
        print(f"{size} nodes, microseconds a node: " + ", ".join(f"{k} {v:.0f}" for k, v in stages.items()))
    ratio = per_node[given.large]["seconds"] / per_node[given.small]["seconds"]
    print(f"ratio {ratio:.2f} (at most {given.most})")
    return int(ratio > given.most)


if __name__ == "__main__":
    sys.exit(main())
