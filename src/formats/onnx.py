"""The ONNX format: its element types, and the library that reads and writes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from interlingua.errors import InvalidModel, RuntimeMissing
from interlingua.ir.dtypes import DType

CODES: dict[int, DType] = {
    1: DType.F32,
    2: DType.U8,
    3: DType.I8,
    4: DType.U16,
    5: DType.I16,
    6: DType.I32,
    7: DType.I64,
    8: DType.STRING,
    9: DType.BOOL,
    10: DType.F16,
    11: DType.F64,
    12: DType.U32,
    13: DType.U64,
    14: DType.C64,
    15: DType.C128,
    16: DType.BF16,
    17: DType.F8E4M3,
    18: DType.F8E4M3FNUZ,
    19: DType.F8E5M2,
    20: DType.F8E5M2FNUZ,
    21: DType.U4,
    22: DType.I4,
    23: DType.F4E2M1,
    24: DType.F8E8M0,
    25: DType.U2,
    26: DType.I2,
}
"""``TensorProto.DataType`` by number, from onnx.proto."""

OPSET, IR_VERSION = "onnx.opset", "onnx.ir_version"
"""What the metadata of a module that came from ONNX call the opset of the default domain and the format's version."""

BY_DTYPE = {dtype: code for code, dtype in CODES.items()}


def dtype_of(code: int) -> DType:
    """The element type of an ONNX code.

    Raises:
        InvalidModel: no such code.
    """
    found = CODES.get(code)
    if found is None:
        raise InvalidModel(f"{code} is no element type of ONNX", hint="the model is damaged or newer than this reader")
    return found


def present() -> None:
    """Whether ONNX files can be read.

    Raises:
        RuntimeMissing: the onnx package is not installed.
    """
    with _installed("reading"):
        import onnx  # noqa: F401 - whether it is there


@contextmanager
def quiet() -> Iterator[None]:
    """The onnx packages, there and silent: onnx-graphsurgeon logs to standard output what comes back as our errors.

    Raises:
        RuntimeMissing: one of them is not installed.
    """
    with _installed("writing"):
        from onnx_graphsurgeon.logger import G_LOGGER
    before = G_LOGGER.severity
    G_LOGGER.severity = G_LOGGER.CRITICAL
    try:
        yield
    finally:
        G_LOGGER.severity = before


@contextmanager
def _installed(purpose: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise RuntimeMissing(
            f"{purpose} ONNX needs the package {error.name}", hint="pip install 'interlingua[onnx]'"
        ) from error
