"""Arrays between processes: a JSON header, then raw bytes. Nothing in it can run code.

NumPy's own files know neither bfloat16 nor int4 nor sequences.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write named values: arrays, lists of values (sequences), ``None`` (an empty optional)."""
    blobs: list[bytes] = []
    header = {name: _encode(value, blobs) for name, value in values.items()}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for blob in blobs:
            file.write(blob)


def read(path: Path) -> dict[str, Any]:
    """What :func:`write` wrote."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    cursor = [start]
    return {name: _decode(entry, data, cursor) for name, entry in json.loads(data[8:start]).items()}


def _encode(value: Any, blobs: list[bytes]) -> Any:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_encode(v, blobs) for v in value]
    array = np.asarray(value)
    dtype = DType.of(array)
    if dtype is DType.STRING:
        return {
            "strings": [s if isinstance(s, str) else bytes(s).decode() for s in array.ravel().tolist()],
            "shape": array.shape,
        }
    blobs.append(np.ascontiguousarray(array).tobytes())
    return {"dtype": dtype.value, "shape": array.shape, "bytes": len(blobs[-1])}


def _decode(entry: Any, data: bytes, cursor: list[int]) -> Any:
    if entry is None:
        return None
    if isinstance(entry, list):
        return [_decode(e, data, cursor) for e in entry]
    if "strings" in entry:
        return np.array(entry["strings"], dtype=object).reshape(entry["shape"])
    start = cursor[0]
    cursor[0] += entry["bytes"]
    flat = np.frombuffer(data[start : cursor[0]], dtype=DType(entry["dtype"]).numpy)
    return flat.reshape(entry["shape"])


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same to the bit: tensors, or mappings and lists of them."""
    if isinstance(a, Mapping):
        return all(same(value, b[name]) for name, value in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if a is None or b is None:
        return a is b
    x, y = np.asarray(a), np.asarray(b)
    return x.shape == y.shape and (x.tolist() == y.tolist() if x.dtype == object else x.tobytes() == y.tobytes())
