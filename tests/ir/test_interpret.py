"""The interpreter: declared dtypes or float64, defaults, regions, and what is said of wrong inputs."""

import re
from typing import Any

import numpy as np
import pytest

from interlingua.errors import EvaluationError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.interpret import Interpreter
from interlingua.ir.op import Op, op
from interlingua.ir.types import Tensor
from support.text import CONTROL, MLP, SHAPES, body, parse

X = np.array([[1, 2, 3, 4]], np.float32)


def run(text: str, inputs: Any, precision: Any = "native") -> dict[str, Any]:
    return Interpreter(parse(text), precision).run(inputs)


def test_native_computes_in_the_declared_dtype() -> None:
    text = body("%y = core.exp(%x) : f32[n]")
    x = np.linspace(-1, 1, 7, dtype=np.float32)
    native, wide = run(text, [x])["y"], run(text, [x], "float64")["y"]
    assert native.dtype == np.float32
    assert wide.dtype == np.float64
    assert np.array_equal(wide, np.exp(x.astype(np.float64)))
    assert np.array_equal(native, wide.astype(np.float32)) or np.abs(native - wide).max() < np.finfo(np.float32).eps * 4


def test_float64_widens_what_casts_and_constants_say() -> None:
    text = body(
        """%c = core.constant dense f16[1] [0.1] : f16[1]
        %h = core.cast(%x) {to = f16} : f16[n]
        %s = core.add(%h, %c) : f16[n]
        %y = core.cast(%s) {to = f32} : f32[n]"""
    )
    x = np.array([1 / 3], np.float32)
    wide = run(text, [x], "float64")["y"]
    assert wide.dtype == np.float64
    assert wide[0] == np.float64(x[0]) + np.float64(np.float16(0.1))
    assert run(text, [x])["y"][0] == np.float32(np.float16(x[0]) + np.float16(0.1))


def test_integers_stay_as_they_are_in_float64() -> None:
    text = body("%y = core.add(%x, %x) : i8[n]", "%x: i8[n]")
    assert run(text, [np.array([100], np.int8)], "float64")["y"].tolist() == [-56]


@pytest.mark.parametrize(("condition", "wanted"), [(True, [-3.0, 1.0]), (False, [3.0, -1.0])])
def test_one_region_runs(condition: bool, wanted: list[float]) -> None:
    outputs = run(CONTROL, {"c": np.array(condition), "x": np.array([3, -1], np.float32)})
    assert outputs["y"].tolist() == wanted
    assert list(outputs) == ["y", "z"]


def test_symbols_bind_and_shapes_follow() -> None:
    assert run(SHAPES, [np.zeros((2, 5, 3), np.float32)])["y"].shape == (2, 15)


def test_defaults_are_used_and_overridden() -> None:
    text = body("%y = core.neg(%x) : f32[n]").replace('"x" [*]', '"x" [2] = dense f32[2] [1.0, 2.0]')
    assert run(text, {})["y"].tolist() == [-1, -2]
    assert run(text, {"x": np.array([5], np.float32)})["y"].tolist() == [-5]


def test_python_numbers_are_taken_as_declared() -> None:
    text = body("%y = core.neg(%x) : f32[n]")
    assert run(text, [[1, 2.5]])["y"].dtype == np.float32
    assert run(text, ([True],))["y"].tolist() == [-1]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "input 'x' is missing"),
        ({"x": X, "z": X}, "the model has no input 'z'"),
        ([X, X], "the model has 1 input(s), 2 were given"),
        ({"x": X.astype(np.float64)}, "input 'x' must be f32, got f64"),
        ({"x": X.astype(np.int64)}, "input 'x' must be f32, got i64"),
        ({"x": X[0]}, "input 'x' must be f32[batch, 4], got shape [4]"),
        ({"x": X[:, :3]}, "%x is declared f32[batch, 4] but came out float32[1, 3]"),
    ],
)
def test_inputs_that_do_not_fit_are_told(inputs: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(message)):
        run(MLP, inputs)


def test_a_symbol_holds_for_all_inputs() -> None:
    text = body("%y = core.add(%x, %w) : f32[n]", "%x: f32[n], %w: f32[n]")
    with pytest.raises(EvaluationError, match=r"%w is declared f32\[n\] but came out float32\[1\]"):
        run(text, [np.zeros(2, np.float32), np.zeros(1, np.float32)])
    assert run(text, [np.zeros(2, np.float32)] * 2)["y"].shape == (2,)


def test_a_square_binds_no_symbol() -> None:
    n = symbol("n")
    b = Builder(Graph("main"))
    x, y = b.input(Tensor(DType.F32, (n * n,)), "x"), b.input(Tensor(DType.F32, (n,)), "y")
    b.outputs([x, y], ["a", "b"])
    module = Module({"main": b.graph}, [Port("x", None), Port("y", None)], [Port("a", None), Port("b", None)])
    Interpreter(module).run([np.zeros(9, np.float32), np.zeros(3, np.float32)])


@op("test.liar")
class Liar(Op):
    """Says one shape and gives another; or fails."""

    fail: bool = False

    def infer(self, x: Tensor) -> Tensor:
        return x

    def reference(self, x: Any) -> Any:
        if self.fail:
            raise KeyError("lost")
        return x[:1]


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        (False, "%y is declared f32[n] but came out float32[1]"),
        (True, "the reference of test.liar failed: KeyError: 'lost'"),
    ],
)
def test_a_wrong_reference_is_told_with_its_place(fail: bool, message: str) -> None:
    b = Builder(Graph("main"))
    b.outputs([b.add(Liar(fail), b.input(Tensor(DType.F32, (symbol("n"),)), "x"), name="y")], ["y"])
    module = Module({"main": b.graph}, [Port("x", None)], [Port("y", None)])
    with pytest.raises(EvaluationError, match=re.escape(message)) as caught:
        Interpreter(module).run([np.zeros(2, np.float32)])
    assert caught.value.where == "%y"


def test_observers_see_every_value() -> None:
    seen: list[str] = []
    Interpreter(parse(MLP), observe=lambda value, array: seen.append(value.name)).run([X])
    assert seen == ["x", "w", "h", "y"]


def test_one_interpreter_runs_many_times() -> None:
    interpreter = Interpreter(parse(SHAPES))
    assert interpreter.run([np.zeros((2, 5, 3), np.float32)])["y"].shape == (2, 15)
    assert interpreter.run([np.zeros((7, 1, 3), np.float32)])["y"].shape == (7, 3)
