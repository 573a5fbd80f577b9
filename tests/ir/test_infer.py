"""Result types: what is done once for all ops."""

import re

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.infer import infer_types
from interlingua.ir.op import Op, arity, op, operands_of
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.shape import Concat, Reshape
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Neg
from interlingua.ir.types import Sequence, Signature, Tensor, Type

n = symbol("n")
F32 = Tensor(DType.F32, (n, 3))
I64 = Tensor(DType.I64, (2,))


@pytest.mark.parametrize(
    ("op", "operands", "message"),
    [
        (Add(), [F32], "core.add takes 2 operand(s), got 1"),
        (Add(), [F32, F32, F32], "core.add takes 2 operand(s), got 3"),
        (Add(), [F32, None], "core.add: operand b is required"),
        (Neg(), [Sequence(F32)], "core.neg: operand x must be a tensor, got sequence<f32[n, 3]>"),
        (Concat(axis=0), [], "core.concat"),
        (Softmax(axis=4), [F32], "axis 4"),
        (If(), [Tensor(DType.BOOL, ())], "core.if takes 2 region(s), got 0"),
    ],
)
def test_operands_that_do_not_fit_are_told(op: Op, operands: list[Type | None], message: str) -> None:
    with pytest.raises(ConstraintError, match=re.escape(message)):
        infer_types(op, operands)


def test_operands_are_read_off_the_signature() -> None:
    assert arity(Add) == (2, 2)
    assert arity(Concat)[1] is None
    assert arity(While) == (0, None)
    assert [(o.name, o.optional) for o in operands_of(While)][:2] == [("trips", True), ("cond", True)]


def test_operands_may_be_absent_before_others() -> None:
    inside = (Tensor(DType.I64, ()), Tensor(DType.BOOL, ()), F32)
    signature = Signature(inside, (Tensor(DType.BOOL, ()), F32))
    assert infer_types(While(carried=1, stacked=0), [None, None, F32], [signature]) == (F32,)


def test_without_a_rank_the_dtype_is_kept() -> None:
    assert infer_types(Softmax(), [Tensor(DType.F16, None)]) == (Tensor(DType.F16, None),)


def known(*elements: object) -> Tensor:
    return Tensor(DType.I64, (len(elements),)).with_elements(np.array([*elements, None], dtype=object)[:-1])


def elements(result: tuple[Type, ...]) -> list[object] | None:
    (tensor,) = result
    assert isinstance(tensor, Tensor)
    return None if tensor.elements is None else tensor.elements.tolist()


def test_elements_pass_through_arithmetic_and_shapes() -> None:
    assert elements(infer_types(Mul(), [known(n, 2), known(8, 3)])) == [n * 8, 6]
    assert elements(infer_types(Concat(axis=0), [known(n), known(-1)])) == [n, -1]
    (reshaped,) = infer_types(Reshape(), [Tensor(DType.F32, (n, 4, 5)), known(n * 4, -1)])
    assert reshaped == Tensor(DType.F32, (n * 4, 5))


def test_unknown_elements_stay_unknown() -> None:
    assert elements(infer_types(Concat(axis=0), [known(n, None), known(3)])) == [n, None, 3]
    assert elements(infer_types(Concat(axis=0), [known(n), I64])) == [n, None, None]
    found = elements(infer_types(Add(), [known(1, None), known(1, 1)]))
    assert found is None or found[1] is None


def test_what_overflows_is_not_known() -> None:
    small = Tensor(DType.I8, (1,)).with_elements(np.array([100], dtype=object))
    assert elements(infer_types(Add(), [small, small])) in (None, [None], [-56])


def test_elements_of_floats_are_never_known() -> None:
    assert elements(infer_types(Add(), [F32, F32])) is None


@op("test.generic")
class Generic(Op):
    """An op of a plugin that says nothing of its operands."""

    def infer(self, x, y=None):  # type: ignore[no-untyped-def]
        return x


def test_annotations_are_no_duty() -> None:
    assert arity(Generic) == (1, 2)
    assert infer_types(Generic(), [Sequence(F32)]) == (Sequence(F32),)
