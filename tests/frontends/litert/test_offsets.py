"""Contents that stand behind the FlatBuffer and are found by position, as in files too large for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import interlingua
from interlingua.errors import InvalidModel
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.opaque import Opaque
from support.litert_cases import RNG, Case, Fed, Fixed, check, integers, interpreted, noise, packed
from support.litert_models import Model, Scale

I8, U8 = DType.I8, DType.U8
LEVELS = Fed(RNG.integers(-128, 128, (4, 9)).astype(np.int8), Scale(0.05, 3))
NARROW = Fixed(RNG.integers(-8, 8, (6, 9)).astype(np.int8), Scale([0.02] * 6, [0] * 6), DType.I4)
CASES = [
    Case("FULLY_CONNECTED", [noise(3, 4), Fixed(noise(5, 4)), Fixed(noise(5))], ("FullyConnectedOptions", {})),
    Case("GATHER", [Fixed(noise(300, 4)), np.int64([299, 0])], ("GatherOptions", {})),
    Case("RESHAPE", [noise(3, 4), Fixed(np.int32([2, 6]))], ("ReshapeOptions", {})),
    Case("MAXIMUM", [integers(4, low=0, dtype=np.uint8), Fixed(np.uint8(7))], outputs=[U8], note="of one byte"),
    Case("LOGICAL_AND", [np.array([True, False]), Fixed(np.array(True))], outputs=[DType.BOOL], note="of one byte"),
    Case("FULLY_CONNECTED", [LEVELS, NARROW, None], ("FullyConnectedOptions", {}), [(I8, Scale(0.3, 3))], 10),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_read_as_the_interpreter_does(case: Case, tmp_path: Path) -> None:
    data, fed = packed(case, behind=True)
    wanted = interpreted(packed(case)[0], fed)[0]
    path = tmp_path / "m.tflite"
    path.write_bytes(data)
    np.testing.assert_array_equal(interpreted(data, fed)[0], wanted)
    inside = interlingua.evaluate(interlingua.load(packed(case)[0]), fed)["y0"]
    for source in (data, path):
        found = interlingua.evaluate(interlingua.load(source), fed)["y0"]
        np.testing.assert_array_equal(found, inside)
    check(case)


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_contents_beyond_the_end_are_damage(kept: float) -> None:
    data, _ = packed(CASES[1], behind=True)
    with pytest.raises(InvalidModel, match="beyond its end"):
        interlingua.load(data[: int(kept * len(data))])


@pytest.mark.parametrize("behind", [False, True])
def test_options_of_a_custom_op(behind: bool) -> None:
    options = bytes(range(40))
    model = Model()
    graph = model.subgraph()
    x = graph.input("x", (2,))
    graph.outputs = [graph.tensor("y", (2,))]
    graph.op("CUSTOM", [x], graph.outputs, custom=("Own", b"" if behind else options))
    data = model.pack()
    if behind:
        operator = graph.operators[0]
        operator.customOptions = None
        operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize = 2, len(options)
        operator.largeCustomOptionsOffset = len(model.pack())
        data = model.pack() + options
    (node,) = interlingua.load(data).main.nodes
    assert isinstance(node.op, Opaque)
    (held,) = node.op.tensors
    assert held.view().tobytes() == options


def test_options_beyond_the_end_are_damage() -> None:
    model = Model()
    graph = model.subgraph()
    x = graph.input("x", (2,))
    graph.outputs = [graph.tensor("y", (2,))]
    graph.op("CUSTOM", [x], graph.outputs, custom=("Own", b""))
    operator = graph.operators[0]
    operator.customOptions, operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize = None, 1 << 40, 8
    with pytest.raises(InvalidModel, match="beyond its end"):
        interlingua.load(model.pack())
