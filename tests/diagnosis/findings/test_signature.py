"""When two failures are one bug."""

import numpy as np
import pytest

from interlingua.diagnosis.findings.signature import difference, normalized, ops_of, signature
from interlingua.diagnosis.observe import Observation
from interlingua.equivalence.expectation import Expectation, Expected
from interlingua.equivalence.judge import judge
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict
from support.text import MLP, parse

SAME = {
    "sizes": ("y0: it is f32[1, 2, 7], not f32[1, 2, 9]", "out: it is f32[3], not f32[1, 4]"),
    "dtypes": ("y0: it is f32[2], not f32[3]", "y0: it is f64[2], not f64[3]"),
    "values": ("y0: 3 element(s): 1.5 is not -2e-07", "y1: 12 element(s): 0.25 is not 3"),
    "places": ("it failed in /a/b/fusion.cc:83 at 0x7f3a", "it failed in /c/fusion.cc:90 at 0x11"),
    "temporary files": ("cannot load /tmp/interlingua-a1/model.onnx", "cannot load /tmp/interlingua-b2/model.onnx"),
    "names": ("no kernel for Erf(13), node 'a_1'", "no kernel for Erf(9), node 'b'"),
    "versions": ("ONNX Runtime 1.30.0 died of SIGFPE", "ONNX Runtime 1.32.1 died of SIGFPE"),
    "shapes": ("shape {1,2,3} is odd", "shape {4} is odd"),
}
DIFFERENT = {
    "NaN": ("y: 1 element(s): nan is not 1.0", "y: 1 element(s): 2.0 is not 1.0"),
    "infinities": ("y: 1 element(s): inf is not 1.0", "y: 1 element(s): 2.0 is not 1.0"),
    "zeros": ("y: 1 element(s): -0.0 is not 0.0", "y: 1 element(s): 2.0 is not 1.0"),
    "wrong dtype": ("y: it is f32[2], not f64[2]", "y: it is f32[2], not f32[3]"),
    "files": ("it failed in /a/one.cc:8", "it failed in /a/two.cc:8"),
    "types of the runtime": ("Type 'tensor(float)' is invalid", "Type 'tensor(double)' is invalid"),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_what_changes_from_example_to_example_is_left_out(pair: tuple[str, str]) -> None:
    assert normalized(pair[0]) == normalized(pair[1])


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_tells_bugs_apart_stays(pair: tuple[str, str]) -> None:
    assert normalized(pair[0]) != normalized(pair[1])


def test_a_signature_names_ops_without_constants() -> None:
    module = parse(MLP)
    found = signature("onnx", module, Observation(Verdict.MISMATCH, "run", "y: beyond the bound"))
    assert ops_of(module) == ("core.matmul", "nn.softmax")
    assert found.title == "MISMATCH in onnx (run): core.matmul → nn.softmax"
    assert found.folder.startswith("mismatch-matmul-softmax-")
    assert found.folder.endswith(found.key)


def test_the_key_hangs_on_every_part() -> None:
    module = parse(MLP)
    seen = [
        Observation(Verdict.MISMATCH, "run", "y: beyond the bound"),
        Observation(Verdict.CRASH, "run", "y: beyond the bound"),
        Observation(Verdict.MISMATCH, "emit", "y: beyond the bound"),
        Observation(Verdict.MISMATCH, "run", "y: it is odd"),
    ]
    signatures = [signature(s, module, each) for s in ("onnx", "numpy") for each in seen]
    signatures += [s.blaming("somebody") for s in signatures]
    assert len({s.key for s in signatures}) == len(signatures)
    again = signature("onnx", parse(MLP), Observation(Verdict.MISMATCH, "run", "z: beyond the bound"))
    assert again.key == signatures[0].key


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("expected", "actual", "what"),
    [
        ([1.0, NAN], [2.0, 3.0], "numbers differ"),
        ([1.0, INF, NAN], [1.0, -INF, 0.0], "infinities differ"),
        ([1.0, INF], [1.0, 5.0], "infinities differ"),
        ([1.0, NAN], [1.0, INF], "NaNs differ"),
        ([1.0, 0.0], [1.0, -0.0], "signs of zeros differ"),
    ],
)
def test_wrong_values_are_told_apart_by_the_first_kind_that_differs(
    expected: list[float], actual: list[float], what: str
) -> None:
    wanted = np.array(expected)
    want = Expectation({"y": Expected(wanted, DType.F64, np.zeros(wanted.shape), signed=True)})
    outputs = {"y": np.array(actual)}
    seen = Observation(Verdict.MISMATCH, "run", "y: odd", tuple(judge(want, outputs, "")), want, outputs)
    assert difference(seen) == what


def test_a_wrong_shape_is_no_difference_of_values() -> None:
    want = Expectation({"y": Expected(np.zeros(2), DType.F64, np.zeros(2))})
    outputs = {"y": np.zeros(3)}
    seen = Observation(Verdict.MISMATCH, "run", "y: it is f64[3]", tuple(judge(want, outputs, "")), want, outputs)
    assert difference(seen) == ""
