"""PyTorch's element types, and tensors as arrays of the IR."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import numpy as np

from interlingua.errors import RuntimeMissing
from interlingua.ir.dtypes import DType

NAMES: dict[DType, str] = {
    DType.BOOL: "bool",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.U16: "uint16",
    DType.U32: "uint32",
    DType.U64: "uint64",
    DType.F8E4M3: "float8_e4m3fn",
    DType.F8E4M3FNUZ: "float8_e4m3fnuz",
    DType.F8E5M2: "float8_e5m2",
    DType.F8E5M2FNUZ: "float8_e5m2fnuz",
    DType.F8E8M0: "float8_e8m0fnu",
    DType.F16: "float16",
    DType.BF16: "bfloat16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.C64: "complex64",
    DType.C128: "complex128",
}
"""Element types by the names that they have in the package ``torch``, which has no integers of less than a byte that
compute, and no strings."""

BY_NAME = {name: dtype for dtype, name in NAMES.items()}


def present() -> None:
    """Whether PyTorch modules can be written and run.

    Raises:
        RuntimeMissing: a package that it takes is not installed.
    """
    for package in ("torch", "safetensors"):
        if find_spec(package) is None:
            raise RuntimeMissing(f"PyTorch modules need the package {package}", hint="pip install 'interlingua[torch]'")


def installed() -> str:
    """The version of PyTorch, without importing it."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return "(not installed)"


def torch_dtype(dtype: DType) -> Any:
    """The ``torch.dtype``.

    Raises:
        KeyError: PyTorch has none.
    """
    import torch

    return getattr(torch, NAMES[dtype])


@cache
def dtype_of(dtype: Any) -> DType:
    """The element type of a ``torch.dtype``.

    Raises:
        KeyError: the IR has none.
    """
    return BY_NAME[str(dtype).removeprefix("torch.")]


def to_tensor(array: Any) -> Any:
    """A tensor that shares the array's memory where its strides allow; not to be written to where the array is not."""
    import torch

    held = np.asarray(array, order="C")
    dtype = DType.of(held)
    plain = held.view(_bits(dtype)) if dtype.needs_ml_dtypes else held
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        tensor = torch.from_numpy(plain)
    return tensor.view(torch_dtype(dtype)) if dtype.needs_ml_dtypes else tensor


def to_array(tensor: Any) -> np.ndarray[Any, Any]:
    """An array that shares the tensor's memory where it lies on the CPU."""
    dtype = dtype_of(tensor.dtype)
    if not dtype.needs_ml_dtypes:
        plain: np.ndarray[Any, Any] = tensor.numpy(force=True)
        return plain
    bits = tensor.detach().contiguous().view(torch_dtype(DType.of(_bits(dtype))))
    found: np.ndarray[Any, Any] = bits.numpy(force=True).view(dtype.numpy)
    return found


def _bits(dtype: DType) -> np.dtype[Any]:
    """The integers whose bits stand for elements that NumPy lacks."""
    return np.dtype(np.int16 if dtype.bits == 16 else np.uint8)
