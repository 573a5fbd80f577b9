"""Op definitions: attributes are checked, ops are values."""

import dataclasses
import re
from typing import Any, Literal

import numpy as np
import pytest

from interlingua.errors import ConstraintError, DuplicateName
from interlingua.ir.dialect import Dialect, OpSet
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op, attribute_names, op
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight


@op("test.every")
class Every(Op):
    """One attribute of each kind."""

    axis: int
    mode: Literal["a", "b"] = "a"
    alpha: float = 0.5
    flag: bool = False
    text: str = ""
    to: DType = DType.F32
    pads: tuple[int, ...] = ()
    limit: int | None = None
    weight: Weight | None = None

    def infer(self, x: Tensor) -> Tensor:
        return x


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"axis": 1.0}, "attribute axis must be int, got 1.0"),
        ({"axis": True}, "attribute axis must be int, got True"),
        ({"axis": None}, "attribute axis must be int, got None"),
        ({"axis": np.int64(1)}, "attribute axis must be int"),
        ({"axis": 1, "mode": "c"}, "attribute mode must be one of 'a', 'b', got 'c'"),
        ({"axis": 1, "alpha": "1"}, "attribute alpha must be float"),
        ({"axis": 1, "alpha": True}, "attribute alpha must be float"),
        ({"axis": 1, "flag": 1}, "attribute flag must be bool"),
        ({"axis": 1, "to": "f32"}, "attribute to must be DType"),
        ({"axis": 1, "pads": [1]}, "attribute pads must be tuple[int, ...]"),
        ({"axis": 1, "pads": (1, 2.0)}, "attribute pads must be tuple[int, ...]"),
        ({"axis": 1, "limit": 0.5}, "attribute limit must be int | None"),
        ({"axis": 1, "weight": np.zeros(1)}, "attribute weight must be"),
    ],
)
def test_attributes_are_checked(attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConstraintError, match=re.escape(f"test.every: {message}")):
        Every(**attributes)


def test_ops_are_values() -> None:
    assert Every(1) == Every(axis=1)
    assert hash(Every(1, pads=(1, 2))) == hash(Every(1, pads=(1, 2)))
    assert Every(1) != Every(0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Every(1).axis = 2  # type: ignore[misc]
    assert attribute_names(Every)[:3] == ("axis", "mode", "alpha")


def test_zero_and_none_are_values() -> None:
    assert Every(0, alpha=0.0, limit=0).attributes()["limit"] == 0
    assert Every(0).attributes()["limit"] is None


def test_integers_are_floats_where_floats_are_meant() -> None:
    assert Every(0, alpha=2).alpha == 2


def test_kernels_get_numpy_dtypes() -> None:
    assert Every(0, to=DType.BF16).kernel_arguments()["to"] == DType.BF16.numpy


def test_the_oracle_widens_float_attributes_alone() -> None:
    assert Every(0, to=DType.F16).promoted() == Every(0, to=DType.F64)
    assert Every(0, to=DType.I8).promoted() == Every(0, to=DType.I8)


def test_an_op_without_a_rule_says_so() -> None:
    @op("test.empty")
    class Empty(Op):
        """Nothing."""

    with pytest.raises(ConstraintError, match=r"test\.empty has no type rule"):
        Empty().infer()
    with pytest.raises(NotImplementedError, match=r"test\.empty has no kernel"):
        Empty().reference()


def test_weights_are_attributes_by_identity() -> None:
    weight = ArrayWeight(np.zeros(1))
    assert Every(0, weight=weight) == Every(0, weight=weight)
    assert Every(0, weight=weight) != Every(0, weight=ArrayWeight(np.zeros(1)))


def test_a_name_has_one_owner() -> None:
    @op("test.every")
    class Other(Op):
        """Another of the name."""

    with pytest.raises(DuplicateName, match=r"test\.every is defined by both"):
        Dialect("test", [Every, Other])
    with pytest.raises(DuplicateName):
        OpSet([Dialect("test", [Every]), Dialect("test", [Other])])
    with pytest.raises(ValueError, match="does not belong"):
        Dialect("nn", [Every])
    assert list(OpSet([Dialect("test", [Every])])) == ["test.every"]
