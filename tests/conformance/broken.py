"""What generated error samples do not say: values that no type rule sees, and constraints that no change of one thing
about a valid sample breaks."""

from __future__ import annotations

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph
from interlingua.ir.ops.contraction import Einsum
from interlingua.ir.ops.control import Call, If, Scan, While
from interlingua.ir.ops.convolution import ConvTranspose
from interlingua.ir.ops.shape import Reshape

UNDEFINED = {
    "core.argmax": ["empty sequence"],
    "core.argmin": ["empty sequence"],
    "nn.global_max_pool": ["zero-size array"],
    "signal.dft": ["Invalid number of FFT data points"],
    "signal.stft": ["Invalid number of FFT data points"],
    "vision.resize": ["float division by zero"],
    "sequence.insert": ["position -?[0-9]+ of a sequence"],
    "sequence.erase": ["pop index out of range"],
    "sequence.at": ["list index out of range"],
    "sequence.concat": ["must have the same shape", "zero-dimensional arrays", "must match exactly", "same number of"],
}
"""What the documentation of an op calls undefined and only a run can tell, as its reference puts it."""


def _region(inputs, outputs):
    """A region that takes and gives values of these dtypes."""
    b = Builder(Graph("body"))
    given = [b.input(b.constant(np.zeros((), dtype)).type) for dtype in inputs]
    return b.outputs([*given[:outputs]])


def _add(op, *arrays, regions=()):
    b = Builder(Graph("main"))
    return b.add_all(op, *(b.constant(a) for a in arrays), regions=regions)


F, N, B = np.float32(1), np.int64(1), np.bool_(True)


def _while(outputs):
    _add(While(1, 0), N, B, F, regions=[_region([np.int64, np.bool_, np.float32], outputs)])


def _transposed():
    op = ConvTranspose((1,), (9, 9), (1,), (0,))
    _add(op, np.zeros((1, 1, 2), np.float32), np.zeros((1, 1, 2), np.float32))


def _long():
    b = Builder(Graph("main"))
    b(Reshape(), b.constant(np.zeros(3, np.float32)), b.input(b.constant(np.zeros(300, np.int64)).type))


BY_HAND = {
    "einsum-output-unknown": lambda: _add(Einsum("a->b"), np.zeros(3, np.float32)),
    "einsum-output-without-dots": lambda: _add(Einsum("...a->a"), np.zeros((2, 3), np.float32)),
    "conv_transpose-no-extent": _transposed,
    "reshape-long": _long,
    "if-cond": lambda: _add(If(), F, F, regions=[_region([np.float32], 1)] * 2),
    "if-counts": lambda: _add(If(), B, F, regions=[_region([np.float32], 1), _region([np.float32], 0)]),
    "while-results": lambda: _while(1),
    "while-type": lambda: _add(While(1, 0), N, B, F, regions=[_region([np.int64, np.bool_, np.int64], 2)]),
    "scan-sequence": lambda: _add(Scan(1, 0, (), (), (), ()), F, regions=[_region([np.float32], 1)]),
    "call-operands": lambda: _add(Call("part"), F, F, regions=[_region([np.float32], 1)]),
}
"""Calls that break the others, one each."""
