"""The text form: printing and parsing are inverse, and damage is told with its place."""

import random
import re

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import InterlinguaError, ParseError
from interlingua.ir.builder import Builder
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Origin, Port
from interlingua.ir.ops.activation import LeakyRelu
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.unary import Neg
from interlingua.ir.text.parser import parse_module
from interlingua.ir.text.printer import print_module, weight_names
from interlingua.ir.types import Optional, Sequence, Tensor, Type
from interlingua.ir.weights import ArrayWeight
from support.text import CONTROL, MLP, SHAPES, body, parse


def one_constant(array: np.ndarray) -> Module:
    graph = Graph("main")
    b = Builder(graph)
    b.outputs([b.weight(ArrayWeight(array), "c")], ["y"])
    return Module({"main": graph}, [], [Port("y", None)])


def round_trip(module: Module) -> Module:
    text = print_module(module)
    again = parse_module(text, builtin_ops(), weight_names(module))
    assert print_module(again) == text
    return again


@pytest.mark.parametrize("text", [MLP, SHAPES, CONTROL], ids=["mlp", "shapes", "control"])
def test_printing_what_was_parsed_gives_the_text(text: str) -> None:
    assert str(parse(text)) == text


def test_what_the_text_says_is_read() -> None:
    module = parse(MLP)
    matmul = list(module.main.nodes)[1]
    assert matmul.origin == Origin("fc", "MatMul", "model.py:3")
    assert matmul.scope == "head"
    assert module.metadata == {"producer": "hand", "odd key": "v"}
    assert module.inputs == [Port("x", ("batch", 4), None, "pixels")]


def test_elements_are_known_again() -> None:
    reshape = list(parse(SHAPES).main.nodes)[-1]
    assert reshape.operand(1).tensor.elements is not None


@pytest.mark.parametrize(
    "array",
    [
        np.array([-0.0, 0.0, np.inf, -np.inf, 1e-45, 3.4028235e38, 0.1], np.float32),
        np.array([-0.0, 5e-324, 1.7976931348623157e308, 1 / 3]),
        np.array([-0.0, 6e-08, 65504, np.inf], np.float16),
        np.array([-0.0, 0.1, np.inf], ml_dtypes.bfloat16),
        np.array([0.5, -448.0], ml_dtypes.float8_e4m3fn),
        np.array([-8, 7, 0], ml_dtypes.int4),
        np.array([15, 0], ml_dtypes.uint4),
        np.array([2**63 - 1, -(2**63)]),
        np.array([2**64 - 1], np.uint64),
        np.array([[True, False]]),
        np.array([complex(-0.0, 1.5), complex(np.inf, -0.0)], np.complex64),
        np.array(["", 'a"b\\', "é\n\u2028", "%x // @y"], dtype=object),
        np.array(7, np.int8),
        np.zeros((2, 0, 3), np.float32),
        np.array([np.nan, -np.nan], np.float32),
        np.arange(100, dtype=np.float64),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_constants_survive_bit_by_bit(array: np.ndarray) -> None:
    again = round_trip(one_constant(array))
    op = next(again.main.nodes).op
    assert isinstance(op, Constant)
    view = op.weight.view()
    assert view.dtype == array.dtype
    assert view.shape == array.shape
    assert view.tolist() == array.tolist() if array.dtype == object else view.tobytes() == array.tobytes()


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=16))
def test_every_float_survives(values: list[float]) -> None:
    array = np.array(values, np.float32)
    op = next(round_trip(one_constant(array)).main.nodes).op
    assert isinstance(op, Constant)
    assert op.weight.view().tobytes() == array.tobytes()


names = st.text(max_size=6) | st.sampled_from(["x", "x#1", "0", "12", "return", "a.b", "inf", "²"])


@given(st.lists(names, min_size=1, max_size=6), names, names)
def test_any_names_survive(labels: list[str], scope: str, origin: str) -> None:
    graph = Graph("main")
    b = Builder(graph)
    value = b.input(Tensor(DType.F32, (2,)), labels[0])
    b.origin, b.scope = Origin(origin, scope, labels[0]), scope
    for label in labels:
        value = b.add(Neg(), value, name=label)
    b.outputs([value], [origin])
    module = Module({"main": graph}, [Port(origin, (scope, None), None, scope)], [Port(scope, None)], {scope: origin})
    again = round_trip(module)
    assert (again.inputs, again.outputs, again.metadata) == (module.inputs, module.outputs, module.metadata)
    assert [(n.origin, n.scope) for n in again.walk()] == [(n.origin, n.scope) for n in module.walk()]


@pytest.mark.parametrize("alpha", [0.0, -0.0, 1e30, 1.5e-7, float("inf"), float("-inf"), 1])
def test_attributes_survive(alpha: float) -> None:
    graph = Graph("main")
    b = Builder(graph)
    b.outputs([b(LeakyRelu(alpha=alpha), b.input(Tensor(DType.F32, ())))], ["y"])
    op = next(round_trip(Module({"main": graph}, [Port("x", ())], [Port("y", ())])).main.nodes).op
    assert isinstance(op, LeakyRelu)
    assert repr(op.alpha) == repr(alpha)


@pytest.mark.parametrize(
    "type_",
    [
        Tensor(DType.F32, None),
        Tensor(DType.BOOL, ()),
        Sequence(Optional(Tensor(DType.STRING, (3,)))),
        Optional(Sequence(Tensor(DType.I4, None))),
    ],
    ids=str,
)
def test_types_survive(type_: Type) -> None:
    graph = Graph("main")
    b = Builder(graph)
    b.outputs([b.input(type_, "x")], ["y"])
    again = round_trip(Module({"main": graph}, [Port("x", None)], [Port("y", None)]))
    assert again.main.inputs[0].type == type_


def test_defaults_of_inputs_survive() -> None:
    module = parse(body("%y = core.neg(%x) : f32[n]").replace('"x" [*]', '"x" [2] = dense f32[2] [1.0, 2.0]'))
    default = round_trip(module).inputs[0].default
    assert default is not None
    assert default.view().tolist() == [1.0, 2.0]


def test_one_weight_used_twice_is_named_once() -> None:
    weight = ArrayWeight(np.zeros(40, np.float32))
    graph = Graph("main")
    b = Builder(graph)
    b.outputs([b.weight(weight, "w"), b.weight(weight, "other")], ["a", "b"])
    assert list(weight_names(Module({"main": graph}, [], [Port("a", None), Port("b", None)]))) == ["w"]


@pytest.mark.parametrize(
    ("damage", "message", "place"),
    [
        (("interlingua 1", "interlingua 2"), "this reader knows 1", "line 1, column 13"),
        (("core.matmul", "core.mat_mul"), "unknown op core.mat_mul", "line 7, column 8"),
        (("(%x, %w)", "(%x, %v)"), "not defined", "line 7, column 24"),
        (("(%x, %w)", "(%x)"), "takes 2 operand", "line 7, column 8"),
        (("(%x, %w)", "(%w, %x)"), "core.matmul", "line 7, column 8"),
        ((": f32[batch, 2] from", ": f32[batch, 3] from"), "not f32[batch, 3]", "line 7, column 8"),
        (("f32[4, 2] [0.5", "f33[4, 2] [0.5"), "'f33' is no type", "line 6"),
        (("[0.5, ", "["), "7 element(s) for shape [4, 2]", "line 6"),
        (("[0.5, ", '["0.5", '), "no f32", "line 6"),
        (("{axis = -1}", "{axes = -1}"), "no attribute axes", "line 8, column 8"),
        (("{axis = -1}", '{axis = "last"}'), "attribute axis must be int", "line 8, column 8"),
        (("{axis = -1}", "{axis = 5}"), "axis 5", "line 8, column 8"),
        (("{axis = -1}", "{axis = -1, axis = 0}"), "axis stands twice", "line 8"),
        (("%h = core", "%w = core"), "%w is defined twice", "line 8"),
        (("%h = core", "$h = core"), "unexpected character '$'", "line 7, column 3"),
        (('"model.py:3"', '"model\\q"'), "bad string", "line 7"),
        (("dense f32[4, 2]", '@"w" '), "no such weight", "line 6, column 22"),
        (("@main", "@helper"), "no func @main", "line 11"),
        (('output "y" ["batch", 2]\n', ""), "0 output(s) declared, but @main has 1", "line 10"),
        (("f32[batch, 4]", "f32[floordiv(4, 0), 4]"), "divides by zero", "line 5"),
    ],
)
def test_damage_is_told_with_its_place(damage: tuple[str, str], message: str, place: str) -> None:
    text = MLP.replace(damage[0], damage[1], 1)
    assert text != MLP
    with pytest.raises(ParseError, match=re.escape(message)) as caught:
        parse(text)
    assert caught.value.where is not None
    assert caught.value.where.startswith(place)


@pytest.mark.parametrize("piece", ["-", "max(", "[", "sequence<", "9" * 5000, "*n", "- -"])
def test_size_and_nesting_are_bounded(piece: str) -> None:
    with pytest.raises(ParseError):
        parse(MLP.replace("f32[batch", f"f32[{piece * 3000}", 1))
    with pytest.raises(ParseError):
        parse(MLP.replace("axis = -1", f"axis = {piece * 3000}", 1))


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[%@]?[\w.#]+|\s+|.')


@pytest.mark.parametrize("text", [MLP, SHAPES, CONTROL], ids=["mlp", "shapes", "control"])
@pytest.mark.parametrize("seed", range(4))
def test_damaged_text_raises_our_errors_alone(text: str, seed: int) -> None:
    rng = random.Random(seed)
    tokens = TOKEN.findall(text)
    for _ in range(60):
        damaged = list(tokens)
        for _ in range(rng.choice([1, 1, 2, 5])):
            index = rng.randrange(len(damaged))
            if rng.random() < 0.5:
                del damaged[index]
            else:
                damaged[index] = rng.choice(tokens)
        try:
            parse_module("".join(damaged), builtin_ops())
        except InterlinguaError as error:
            assert str(error)
