"""Element types.

One member a type; the NumPy type, the width and the class of the type are derived from one table.
Types that NumPy lacks come from ``ml_dtypes``.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import Any, Literal

import ml_dtypes
import numpy as np

Kind = Literal["bool", "int", "uint", "float", "complex", "string"]


class DType(Enum):
    """An element type. The value is the name that the text form uses."""

    BOOL = "bool"
    I4 = "i4"
    U4 = "u4"
    I2 = "i2"
    U2 = "u2"
    I8 = "i8"
    I16 = "i16"
    I32 = "i32"
    I64 = "i64"
    U8 = "u8"
    U16 = "u16"
    U32 = "u32"
    U64 = "u64"
    F4E2M1 = "f4e2m1"
    F8E4M3 = "f8e4m3"
    F8E4M3FNUZ = "f8e4m3fnuz"
    F8E5M2 = "f8e5m2"
    F8E5M2FNUZ = "f8e5m2fnuz"
    F8E8M0 = "f8e8m0"
    F16 = "f16"
    BF16 = "bf16"
    F32 = "f32"
    F64 = "f64"
    C64 = "c64"
    C128 = "c128"
    STRING = "string"

    __hash__ = object.__hash__  # members are themselves alone, and that of Enum hashes their names each time

    @cached_property
    def numpy(self) -> np.dtype[Any]:
        """The NumPy (or ``ml_dtypes``) type; strings are object arrays of ``str``."""
        dtype: np.dtype[Any] = np.dtype(_TABLE[self][0])
        return dtype

    @cached_property
    def bits(self) -> int:
        """Bits of one element as the IR counts them: 4 for int4 though NumPy stores it in a byte."""
        return _TABLE[self][1]

    @cached_property
    def kind(self) -> Kind:
        """The class of the type."""
        return _TABLE[self][2]

    @property
    def is_float(self) -> bool:
        return self.kind == "float"

    @property
    def is_integer(self) -> bool:
        return self.kind in ("int", "uint")

    @property
    def needs_ml_dtypes(self) -> bool:
        """Whether NumPy alone lacks the type."""
        return self.numpy.type.__module__.startswith("ml_dtypes")

    @staticmethod
    def of(dtype: Any) -> DType:
        """The element type of a NumPy dtype, an array or anything that ``np.dtype`` takes.

        Raises:
            TypeError: the IR has no such type.
        """
        plain = dtype.dtype if isinstance(dtype, np.ndarray) else np.dtype(getattr(dtype, "dtype", dtype))
        found = _BY_NUMPY.get(plain)
        if found is None:
            if plain.kind in "OUST":
                return DType.STRING
            raise TypeError(f"no element type for {dtype!r}")
        return found

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__


_TABLE: dict[DType, tuple[Any, int, Kind]] = {
    DType.BOOL: (np.bool_, 8, "bool"),
    DType.I2: (ml_dtypes.int2, 2, "int"),
    DType.U2: (ml_dtypes.uint2, 2, "uint"),
    DType.I4: (ml_dtypes.int4, 4, "int"),
    DType.U4: (ml_dtypes.uint4, 4, "uint"),
    DType.I8: (np.int8, 8, "int"),
    DType.I16: (np.int16, 16, "int"),
    DType.I32: (np.int32, 32, "int"),
    DType.I64: (np.int64, 64, "int"),
    DType.U8: (np.uint8, 8, "uint"),
    DType.U16: (np.uint16, 16, "uint"),
    DType.U32: (np.uint32, 32, "uint"),
    DType.U64: (np.uint64, 64, "uint"),
    DType.F4E2M1: (ml_dtypes.float4_e2m1fn, 4, "float"),
    DType.F8E4M3: (ml_dtypes.float8_e4m3fn, 8, "float"),
    DType.F8E4M3FNUZ: (ml_dtypes.float8_e4m3fnuz, 8, "float"),
    DType.F8E5M2: (ml_dtypes.float8_e5m2, 8, "float"),
    DType.F8E5M2FNUZ: (ml_dtypes.float8_e5m2fnuz, 8, "float"),
    DType.F8E8M0: (ml_dtypes.float8_e8m0fnu, 8, "float"),
    DType.F16: (np.float16, 16, "float"),
    DType.BF16: (ml_dtypes.bfloat16, 16, "float"),
    DType.F32: (np.float32, 32, "float"),
    DType.F64: (np.float64, 64, "float"),
    DType.C64: (np.complex64, 64, "complex"),
    DType.C128: (np.complex128, 128, "complex"),
    DType.STRING: (np.object_, 0, "string"),
}
_BY_NUMPY = {dtype.numpy: dtype for dtype in DType if dtype is not DType.STRING}

FLOATS = frozenset({DType.F16, DType.BF16, DType.F32, DType.F64})
INTEGERS = frozenset(d for d in DType if d.is_integer and d.bits >= 8)
NUMBERS = FLOATS | INTEGERS
