"""safetensors files as weight handles: read by mapping, written by streaming.

The public package loads whole files into memory and knows no bfloat16 in NumPy; the format is a length, a JSON header
and the bytes, so handles map it directly. Headers are capped and every entry is checked before anything is mapped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import MappedWeight, Weight

MAX_HEADER = 100_000_000
"""The cap of the reference implementation."""

NAMES = {
    DType.BOOL: "BOOL",
    DType.I8: "I8",
    DType.I16: "I16",
    DType.I32: "I32",
    DType.I64: "I64",
    DType.U8: "U8",
    DType.U16: "U16",
    DType.U32: "U32",
    DType.U64: "U64",
    DType.F16: "F16",
    DType.BF16: "BF16",
    DType.F32: "F32",
    DType.F64: "F64",
    DType.C64: "C64",
    DType.F8E4M3: "F8_E4M3",
    DType.F8E5M2: "F8_E5M2",
    DType.F8E8M0: "F8_E8M0",
}
MAX_ELEMENTS = 1 << 48
"""More than any file holds; beyond, not even an empty array can have the shape."""
_BY_NAME = {name: dtype for dtype, name in NAMES.items()}
_ALIGN = 64
"""The first weight starts on such a boundary; wide elements come first, so that every weight is aligned to its own."""


def write_safetensors(path: Path, weights: Mapping[str, Weight]) -> None:
    """Write the weights. Dtypes that the format lacks are stored as their bytes, their name in the metadata."""
    header: dict[str, Any] = {"__metadata__": {}}
    layout: list[tuple[int, Weight]] = []
    end = 0
    for name, weight in sorted(weights.items(), key=lambda item: -item[1].dtype.numpy.itemsize):
        known = NAMES.get(weight.dtype)
        shape = list(weight.shape) if known else [weight.nbytes]
        if known is None:
            header["__metadata__"][name] = f"{weight.dtype}{list(weight.shape)}"
        header[name] = {"dtype": known or "U8", "shape": shape, "data_offsets": [end, end + weight.nbytes]}
        layout.append((end, weight))
        end += weight.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % _ALIGN)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for _, weight in layout:
            weight.write_to(file)


def read_safetensors(path: Path) -> dict[str, Weight]:
    """Handles of all weights in the file.

    Raises:
        InvalidModel: the file is damaged.
    """
    try:
        return _read(path)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError) as error:
        raise InvalidModel(
            f"not a safetensors file: {error}", where=str(path), hint="fetch or save it again"
        ) from error


def _read(path: Path) -> dict[str, Weight]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(MAX_HEADER, size - 8):
            raise ValueError(f"its header claims {length} bytes")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    odd = header.pop("__metadata__", {})
    return {name: _entry(name, entry, odd, path, 8 + length) for name, entry in header.items()}


def _entry(name: str, entry: Any, odd: Any, path: Path, base: int) -> Weight:
    start, end = (_natural(n, name) for n in entry["data_offsets"])
    dtype, shape = _BY_NAME[entry["dtype"]], tuple(_natural(d, name) for d in entry["shape"])
    if name in odd:
        word, _, dims = str(odd[name]).partition("[")
        dtype, shape = DType(word), tuple(_natural(int(d), name) for d in dims.rstrip("]").split(",") if d.strip())
    if prod(d for d in shape if d) > MAX_ELEMENTS:
        raise ValueError(f"{name} is too large to be: {list(shape)}")
    weight = MappedWeight(path, base + start, dtype, shape)
    if end - start != weight.nbytes:
        raise ValueError(f"{name} is {dtype}{list(shape)} but has {end - start} bytes")
    return weight


def _natural(number: Any, name: str) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{name} has {number!r} where a size must stand")
    return number
