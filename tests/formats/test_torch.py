"""Element types and tensors of PyTorch."""

import numpy as np
import pytest

from interlingua.formats.torch import NAMES, dtype_of, to_array, to_tensor, torch_dtype
from interlingua.ir.dtypes import DType


@pytest.mark.parametrize("dtype", NAMES)
def test_every_dtype_there_and_back(dtype: DType):
    assert dtype_of(torch_dtype(dtype)) is dtype
    bits = np.arange(24 * dtype.numpy.itemsize, dtype=np.uint8) % (2 if dtype is DType.BOOL else 251)
    for array in (bits.view(dtype.numpy).reshape(2, 3, 4), bits.view(dtype.numpy)[3], bits[:0].view(dtype.numpy)):
        tensor = to_tensor(array)
        assert tensor.dtype == torch_dtype(dtype) and tuple(tensor.shape) == array.shape
        back = to_array(tensor)
        assert back.dtype == dtype.numpy and back.tobytes() == array.tobytes()


def test_nothing_is_copied():
    for dtype in (DType.F32, DType.BF16, DType.F8E4M3):
        array = np.zeros((2, 3), dtype.numpy)
        tensor = to_tensor(array)
        assert np.shares_memory(to_array(tensor), array)


def test_arrays_that_may_not_be_written_to_give_no_warning():
    array = np.ones(3, np.float32)
    array.flags.writeable = False
    assert to_tensor(array[::-1]).tolist() == [1, 1, 1]
