"""What PyTorch calls element types, and its tensors as NumPy arrays."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType

NAMES = {
    "bool": DType.BOOL,
    "int8": DType.I8,
    "int16": DType.I16,
    "int32": DType.I32,
    "int64": DType.I64,
    "uint8": DType.U8,
    "uint16": DType.U16,
    "uint32": DType.U32,
    "uint64": DType.U64,
    "float8_e4m3fn": DType.F8E4M3,
    "float8_e4m3fnuz": DType.F8E4M3FNUZ,
    "float8_e5m2": DType.F8E5M2,
    "float8_e5m2fnuz": DType.F8E5M2FNUZ,
    "float8_e8m0fnu": DType.F8E8M0,
    "float16": DType.F16,
    "bfloat16": DType.BF16,
    "float32": DType.F32,
    "float64": DType.F64,
    "complex64": DType.C64,
    "complex128": DType.C128,
}
"""By their names in ``torch``. PyTorch has no strings, and its types of less than a byte hold no elements."""
_BY_DTYPE = {dtype: name for name, dtype in NAMES.items()}
_BITS = {8: "uint8", 16: "int16"}


def has(dtype: DType) -> bool:
    """Whether PyTorch has the type."""
    return dtype in _BY_DTYPE


def name_of(dtype: DType) -> str:
    """What ``torch`` calls the type.

    Raises:
        KeyError: it has none.
    """
    return _BY_DTYPE[dtype]


@cache
def dtype_of(dtype: Any) -> DType:
    """The type of a ``torch.dtype``.

    Raises:
        KeyError: the IR has none.
    """
    return NAMES[str(dtype).removeprefix("torch.")]


def to_torch(dtype: DType) -> Any:
    """The ``torch.dtype`` of a type."""
    import torch

    return getattr(torch, _BY_DTYPE[dtype])


def array_of(tensor: Any) -> np.ndarray[Any, Any]:
    """The elements of a tensor, which the array borrows."""
    import torch

    tensor = tensor.detach().resolve_conj().resolve_neg().cpu()
    dtype = dtype_of(tensor.dtype)
    if dtype.needs_ml_dtypes:
        array: np.ndarray[Any, Any] = tensor.view(getattr(torch, _BITS[dtype.bits])).numpy().view(dtype.numpy)
        return array
    found: np.ndarray[Any, Any] = tensor.numpy()
    return found


def tensor_of(array: Any) -> Any:
    """An array as a tensor of its own."""
    import torch

    array = np.ascontiguousarray(array).reshape(np.shape(array))
    dtype = DType.of(array)
    if dtype.needs_ml_dtypes:
        bits = torch.from_numpy(array.view("u1" if dtype.bits == 8 else "i2").copy())
        return bits.view(to_torch(dtype))
    return torch.from_numpy(array.copy())
