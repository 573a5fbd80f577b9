"""What the kernels of ONNX Runtime's CPU provider take, asked of the installed one: src/backends/onnx/kernels.json.

Run it when a new version of the runtime comes, and look at the difference: ``python scripts/collect_kernels.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from interlingua.backends.onnx.backend import OLDEST_OPSET
from interlingua.backends.onnx.signature import short, signature

TARGET = Path(__file__).parent.parent / "src" / "backends" / "onnx" / "kernels.json"
OPEN = 2**31 - 1
Kernel = tuple[int, int | None, dict[str, frozenset[str]]]


def kernels() -> dict[str, list[Kernel]]:
    """By op: first and last version (``None`` for open), and the types of each type parameter."""
    found: dict[str, list[Kernel]] = {}
    for each in state.get_all_opkernel_def():
        if each.domain or each.provider != "CPUExecutionProvider":
            continue
        first, last = each.version_range
        oldest = signature(each.op_name, OLDEST_OPSET)
        if oldest is not None and last < oldest.since:
            continue  # never emitted
        types = {
            name: frozenset(t for t in map(short, allowed) if t is not None)
            for name, allowed in each.type_constraints.items()
        }
        found.setdefault(each.op_name, []).append((first, None if last == OPEN else last, types))
    return {name: merged(rows) for name, rows in sorted(found.items())}


def merged(rows: Iterable[Kernel]) -> list[Kernel]:
    """Rows that differ in the types of one parameter as one."""
    kept: list[Kernel] = []
    for row in sorted(rows, key=_key):
        index = next((i for i, other in enumerate(kept) if _differing(row, other) is not None), None)
        while index is not None:
            other = kept.pop(index)
            name = _differing(row, other)
            row = (row[0], row[1], {n: t | other[2][n] if n == name else t for n, t in row[2].items()})
            index = next((i for i, other in enumerate(kept) if _differing(row, other) is not None), None)
        kept.append(row)
    return sorted(kept, key=_key)


def _differing(a: Kernel, b: Kernel) -> str | None:
    if a[:2] != b[:2] or a[2].keys() != b[2].keys():
        return None
    names = [n for n in a[2] if a[2][n] != b[2][n]]
    return (names[0] if names else next(iter(a[2]), "")) if len(names) < 2 else None


def _key(row: Kernel) -> Any:
    return row[0], row[1] or OPEN, [(n, sorted(t)) for n, t in sorted(row[2].items())]


def _accepts(opset: int, ir_version: int) -> bool:
    text = f'<ir_version: {ir_version}, opset_import: ["": {opset}]> g (float[N] x) => (float[N] y) {{ y = Relu(x) }}'
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        model = onnx.parser.parse_model(text).SerializeToString()
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - whatever it raises, it does not take it
        return False
    return True


def main() -> None:
    """Write the table, an op a line."""
    opset = max(o for o in range(13, onnx.defs.onnx_opset_version() + 1) if _accepts(o, 8))
    ir_version = max(i for i in range(8, onnx.IR_VERSION + 1) if _accepts(13, i))
    head = {"onnxruntime": onnxruntime.__version__, "opset": opset, "ir_version": ir_version}
    lines = [
        f"  {json.dumps(name)}: "
        + json.dumps([[a, b, {n: " ".join(sorted(t)) for n, t in sorted(types.items())}] for a, b, types in rows])
        for name, rows in kernels().items()
    ]
    body = ",\n".join(lines)
    TARGET.write_text(f'{json.dumps(head)[:-1]}, "kernels": {{\n{body}\n}}}}\n', encoding="utf-8")
    print(f"{TARGET.name}: ONNX Runtime {onnxruntime.__version__}, {len(lines)} ops, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
