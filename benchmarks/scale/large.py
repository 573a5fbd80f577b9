"""A model whose weights lie in a file of some gigabytes, from ONNX to ONNX: memory, speed beside copying that file, and
whether every weight arrives.

::

    python benchmarks/scale/large.py [--gigabytes 4] [--runs 3] [--folder DIR]

Peak memory is that of the process, less that of an interpreter that imports nothing. The copy is ``shutil.copyfile`` on
the same disk; copies and conversions take turns, each followed by ``fsync`` and then the removal of what it wrote. The
last conversion is compared with its source first, node by node and byte by byte.
Needs three times the size on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from memory import peak

LAYERS = 64
MEMORY = 0.6e9
SPEED = 0.5


def build(folder: Path, gigabytes: float) -> Path:
    """A chain of products with square weights, all external, filled with numbers that no disk compresses."""
    import numpy as np
    import onnx
    import onnx.helper as h

    side = int((gigabytes * 2**30 / LAYERS / 4) ** 0.5)
    nodes, weights, offset = [], [], 0
    rng = np.random.default_rng(0)
    row = rng.standard_normal((side, side), dtype=np.float32)
    with (folder / "large.data").open("wb") as file:
        for i in range(LAYERS):
            weight = onnx.TensorProto(
                name=f"w{i}", data_type=onnx.TensorProto.FLOAT, dims=[side, side], data_location=1
            )
            for key, value in (("location", "large.data"), ("offset", offset), ("length", row.nbytes)):
                weight.external_data.add(key=key, value=str(value))
            row[:, 0] = i
            file.write(row)
            offset += row.nbytes
            weights.append(weight)
            nodes.append(h.make_node("MatMul", [f"h{i}", f"w{i}"], [f"h{i + 1}"]))
        os.fsync(file.fileno())
    infos = [h.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["batch", side]) for n in ("h0", f"h{LAYERS}")]
    graph = h.make_graph(nodes, "large", infos[:1], infos[1:], weights)
    path = folder / "large.onnx"
    path.write_bytes(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8).SerializeToString())
    return path


def arrived(source: Path, output: Path) -> int:
    """How many of the products have the same weight, byte for byte, in both models."""
    a, b = operands(source), operands(output)
    if len(a) != len(b):
        return 0
    return sum(x.shape == y.shape and bool((x == y).all()) for x, y in zip(a, b, strict=True))


def operands(path: Path) -> list[Any]:
    """The weights of the products in their order, as views of the file."""
    import numpy as np
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    found = {}
    for weight in graph.initializer:
        where = {entry.key: entry.value for entry in weight.external_data}
        if where:
            file, offset = path.parent / where["location"], int(where.get("offset", 0))
            found[weight.name] = np.memmap(file, np.uint32, "r", offset, tuple(weight.dims))
    return [found[node.input[1]] for node in graph.node if node.op_type == "MatMul"]


def convert(source: str, output: str) -> None:
    import interlingua

    began = time.perf_counter()
    interlingua.convert(source, to="onnx", output=output, verify=False)
    sync(Path(output + ".data"))
    print(json.dumps({"seconds": time.perf_counter() - began, "bytes": peak()}))


def copy(source: str, output: str) -> None:
    began = time.perf_counter()
    shutil.copyfile(source, output)
    sync(Path(output))
    print(json.dumps({"seconds": time.perf_counter() - began, "bytes": peak()}))


def sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def child(*arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--worker", *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def bare() -> float:
    """Peak memory of an interpreter that imports nothing, by its own account."""
    status = "print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"
    other = "import resource, sys; print(resource.getrusage(0).ru_maxrss // (1024 if sys.platform == 'darwin' else 1))"
    code = status if Path("/proc/self/status").is_file() else other
    return 1024 * float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        {"convert": convert, "copy": copy}[given.worker[0]](*given.worker[1:])
        return 0
    if shutil.disk_usage(given.folder or tempfile.gettempdir()).free < 3.2 * given.gigabytes * 2**30:
        print("not enough room on the disk")
        return 2
    copies, conversions = [], []
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        source = build(folder, given.gigabytes)
        for run in range(given.runs):
            copies.append(child("copy", str(folder / "large.data"), str(folder / "copied")))
            (folder / "copied").unlink()
            conversions.append(child("convert", str(source), str(folder / "out.onnx")))
            size = (folder / "out.onnx.data").stat().st_size
            same = arrived(source, folder / "out.onnx") if run == given.runs - 1 else 0
            (folder / "out.onnx.data").unlink()
    copied, converted = (median(r["seconds"] for r in runs) for runs in (copies, conversions))
    memory = max(r["bytes"] for r in conversions) - bare()
    print(f"{same} of {LAYERS} weights arrived byte for byte")
    print(f"weights {size / 2**30:.2f} GiB; copied in {copied:.2f} s, converted in {converted:.2f} s")
    print(
        f"speed {copied / converted:.2f} of copying (at least {SPEED}); "
        f"memory {memory / 1e9:.3f} GB (less than {MEMORY / 1e9})"
    )
    return int(copied / converted < SPEED or memory >= MEMORY or same < LAYERS)


if __name__ == "__main__":
    sys.exit(main())
