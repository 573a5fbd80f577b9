"""The LiteRT format: its element types, and the bindings of its FlatBuffers schema."""

from __future__ import annotations

import json
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel, RuntimeMissing
from interlingua.ir.dtypes import DType

IDENTIFIER = b"TFL3"
"""What a file says at byte 4."""

CHANNELS_LAST = "interlingua.channels_last"
"""The entry of metadata that names inputs and outputs whose channels come last here, and second in the source."""

CODES: dict[int, DType] = {
    0: DType.F32,
    1: DType.F16,
    2: DType.I32,
    3: DType.U8,
    4: DType.I64,
    5: DType.STRING,
    6: DType.BOOL,
    7: DType.I16,
    8: DType.C64,
    9: DType.I8,
    10: DType.F64,
    11: DType.C128,
    12: DType.U64,
    15: DType.U32,
    16: DType.U16,
    17: DType.I4,
    18: DType.BF16,
    19: DType.I2,
    20: DType.U4,
    21: DType.F8E4M3,
    22: DType.F8E5M2,
}
"""``TensorType`` by number, from the schema; resources (13) and variants (14) are no tensors of ours."""

BY_DTYPE = {dtype: code for code, dtype in CODES.items()}


def dtype_of(code: int) -> DType:
    """The element type of a ``TensorType``.

    Raises:
        InvalidModel: no such type.
    """
    found = CODES.get(code)
    if found is None:
        raise InvalidModel(f"{code} is no element type of LiteRT that is known here")
    return found


def schema() -> Any:
    """The bindings of the schema, which come with the runtime.

    Raises:
        RuntimeMissing: the package is not installed.
    """
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise RuntimeMissing(
            "LiteRT files need the package ai-edge-litert", hint="pip install 'interlingua[litert]'"
        ) from error
    return schema_py_generated


def channels_last(path: Path) -> dict[str, list[str]]:
    """Names under ``inputs`` and ``outputs`` as :data:`CHANNELS_LAST` gives them, none where a file has no such entry;
    the file is mapped, not read whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        model = schema().Model.GetRootAs(data, 0)
        for entry in (model.Metadata(i) for i in range(model.MetadataLength())):
            if entry.Name() == CHANNELS_LAST.encode():
                found = model.Buffers(entry.Buffer())
                names: dict[str, list[str]] = json.loads(bytes(map(found.Data, range(found.DataLength()))))
                return names
    return {"inputs": [], "outputs": []}


@dataclass(frozen=True, slots=True)
class Call:
    """A signature: its subgraph, and its inputs and outputs in the order that the subgraph has them in."""

    subgraph: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def call_of(path: Path, key: str) -> Call:
    """The signature of that name, of a file that LiteRT has loaded: nothing is checked here.

    The interpreter itself gives names in the order of the alphabet.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        model = schema().Model.GetRootAsModel(data, 0)
        signatures = (model.SignatureDefs(i) for i in range(model.SignatureDefsLength()))
        found = next(s for s in signatures if s.SignatureKey() == key.encode())
        graph = model.Subgraphs(found.SubgraphIndex())
        inputs = _sorted([found.Inputs(i) for i in range(found.InputsLength())], graph.InputsAsNumpy())
        outputs = _sorted([found.Outputs(i) for i in range(found.OutputsLength())], graph.OutputsAsNumpy())
        return Call(int(found.SubgraphIndex()), inputs, outputs)


def _sorted(maps: Sequence[Any], places: Any) -> tuple[str, ...]:
    order = [int(place) for place in places] if len(maps) else []
    return tuple(m.Name().decode() for m in sorted(maps, key=lambda m: order.index(m.TensorIndex())))
