"""Measure which element types and ranks LiteRT's kernels take, and write the table of the ``litert`` backend.

Every builtin op that the backend emits is tried as a model of one op, on each combination of element types and each
rank, with LiteRT's own kernels and with XNNPACK's. What fails to load, fails to run, kills the process or gives
something else than NumPy is no kernel.

    python scripts/collect_litert_kernels.py
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from litert_probes.case import RANKS, Case
from litert_probes.table import PROBES

from interlingua.backends.litert.graph import Edge, Operator, Subgraph
from interlingua.backends.litert.kernels import DATA
from interlingua.backends.litert.versions import Use, version_of
from interlingua.backends.litert.writer import Model, write
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight
from interlingua.runtimes.litert import open_model


def model_of(op: str, case: Case, rank: int, broadcast: bool) -> Model:
    edges = [
        Edge(f"x{i}", DType.of(a), a.shape, ArrayWeight(a) if i in case.constant else None)
        for i, a in enumerate(map(np.asarray, case.operands))
    ]
    made = [Edge(f"y{i}", DType.of(a), a.shape) for i, a in enumerate(map(np.asarray, case.expected))]
    use = Use([e.dtype.value for e in edges], [e.dtype.value for e in made], rank, broadcast, case.options)
    node = Operator(op, version_of(op, use), list(edges), made, dict(case.options))
    given = [e for e in edges if e.weight is None]
    graph = Subgraph("main", given, made, [node])
    return Model(graph, [e.name for e in given], [e.name for e in made])


def works(op: str, case: Case, rank: int, broadcast: bool) -> bool:
    """Whether both sets of kernels give what is expected."""
    model = model_of(op, case, rank, broadcast)
    given = {f"x{i}": np.asarray(a) for i, a in enumerate(case.operands) if i not in case.constant}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        write(model, path)
        for kernels in ("builtin", "xnnpack"):
            try:
                found = open_model(str(path), kernels, None)(given)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001 - whatever it raises, it takes no such model
                return False
            for i, expected in enumerate(case.expected):
                if not same(np.asarray(found[f"y{i}"]), np.asarray(expected)):
                    return False
    return True


def same(found: Any, expected: Any) -> bool:
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return False
    if DType.of(expected).is_float:
        eps = float(ml_dtypes.finfo(expected.dtype).eps)
        return bool(np.allclose(found.astype(np.float64), expected.astype(np.float64), rtol=8 * eps, atol=8 * eps))
    return bool(np.array_equal(found, expected))


def attempts(op: str) -> Iterator[tuple[str, int, bool]]:
    probe = PROBES[op]
    for values in itertools.product(*(probe.types[p] for p in probe.parameters)):
        for rank in RANKS:
            for broadcast in (False, True) if probe.broadcasts else (False,):
                yield " ".join(values), rank, broadcast


def attempt(op: str, key: str, rank: int, broadcast: bool) -> bool:
    probe = PROBES[op]
    with np.errstate(all="ignore"):
        case = probe.make(rank, dict(zip(probe.parameters, key.split(), strict=True)), broadcast)
    return case is not None and works(op, case, rank, broadcast)


def _work(op: str, done: list[Any], queue: Any) -> None:
    os.close(sys.stderr.fileno())  # the kernels say there what they refuse
    skip = {tuple(each) for each in done}
    for each in attempts(op):
        if each not in skip:
            queue.put((each, None))
            queue.put((each, attempt(op, *each)))
    queue.close()


def measured(op: str) -> dict[tuple[str, int, bool], bool]:
    """Every attempt, in processes that may die."""
    found: dict[tuple[str, int, bool], bool] = {}
    total = sum(1 for _ in attempts(op))
    context = multiprocessing.get_context("fork")
    while len(found) < total:
        queue = context.SimpleQueue()
        process = context.Process(target=_work, args=(op, list(found), queue))
        process.start()
        current = None
        while process.is_alive() or not queue.empty():
            if queue.empty():
                process.join(0.002)
                continue
            each, outcome = queue.get()
            current = each
            if outcome is not None:
                found[each], current = outcome, None
        process.join()
        if current is not None:
            found[current] = False
    return found


def rows_of(op: str) -> dict[str, list[str]]:
    """By types: the ranks that are taken, each a digit, and those of operands that broadcast."""
    rows: dict[str, list[str]] = {}
    for (key, rank, broadcast), outcome in measured(op).items():
        if outcome:
            rows.setdefault(key, ["", ""])[broadcast] += str(rank)
    some = {"".join(ranks) != "0" * len("".join(ranks)) for ranks in rows.values()}
    kept = {key: ranks for key, ranks in rows.items() if True not in some or set("".join(ranks)) != {"0"}}
    return {key: ranks if PROBES[op].broadcasts else ranks[:1] for key, ranks in kept.items()}


def main() -> None:
    old = json.loads(DATA.read_text(encoding="utf-8"))["kernels"] if DATA.exists() else {}
    wanted = sys.argv[1:] or list(PROBES)
    table: dict[str, Any] = {op: old[op] for op in old if op in PROBES}
    for op in wanted:
        table[op] = [PROBES[op].form, rows_of(op)]
        print(op, table[op][1], flush=True)
    lines = [f"  {json.dumps(op)}: {json.dumps(table[op])}" for op in sorted(table)]
    head = f'{{"litert": {json.dumps(version("ai-edge-litert"))}, "kernels": {{\n'
    DATA.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
