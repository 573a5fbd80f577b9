"""The text of emitted programs, and what it is made of."""

import ast

import numpy as np
import pytest

from interlingua.backends.numpy.literals import SPELLING, array
from interlingua.backends.numpy.lowerings import lowerings
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, import_lines, stands_alone
from interlingua.backends.source.text import comment
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Origin
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight

X = {"x": Tensor(DType.F32, (3,))}


def program(folder):
    return ast.parse((folder / "model.py").read_text(encoding="utf-8"))


def test_the_kernels_of_all_ops_make_one_program():
    """Every name that a kernel refers to is in the program, and no two functions share one."""
    sources = Sources()
    for op in builtin_ops().values():
        if op.kernel is not None:
            assert stands_alone(op.kernel), op.name
            sources.add(op.kernel)
    imports = import_lines(sources.imports)
    text = "\n".join(["from __future__ import annotations", *imports, "Array = np.ndarray", sources.text()])
    space = {}
    exec(compile(text, "kernels", "exec"), space)
    assert space["softmax"](np.zeros(4), axis=-1).tolist() == [0.25] * 4
    modules = {line.split()[1] for line in imports if line}
    assert modules <= {"collections.abc", "itertools", "math", "numpy", "re", "typing"}


def test_every_op_with_a_kernel_is_lowered():
    kernels = {op for op in builtin_ops().values() if op.kernel is not None}
    assert kernels == set(lowerings().rows)


def test_a_program_imports_nothing_but_numpy_and_the_standard_library(module_of, emitted):
    folder = emitted(module_of(lambda b, x: b(Relu(), x), X))
    modules = {a.name for n in ast.walk(program(folder)) if isinstance(n, ast.Import) for a in n.names}
    modules |= {n.module for n in ast.walk(program(folder)) if isinstance(n, ast.ImportFrom)}
    standard = "__future__ collections.abc inspect math os pathlib sys traceback typing zipfile"
    assert modules <= {"numpy", *standard.split()}
    text = (folder / "model.py").read_text()
    assert not any(w in text for w in ("interlingua", "noqa", "type: ignore", "load_weight"))


def test_a_statement_a_node_and_where_it_came_from(module_of, emitted):
    def build(b, x):
        with b.at(Origin("block/add", "Add", "net.py:7"), "block"):
            y = b(Add(), x, x, name="block/sum:0")
        with b.at(Origin('odd\n"""name', "Relu")):
            return b(Relu(), y)

    text = (emitted(module_of(build, X)) / "model.py").read_text()
    assert "    # block/add (Add) at net.py:7\n    block_sum_0 = add(x, x)\n" in text
    assert '    # odd """name (Relu)\n    relu_1 = relu(block_sum_0)\n    return (relu_1,)\n' in text
    assert "def add(" in text and "def relu(" in text and "def sub(" not in text


def test_results_are_freed(module_of, emitted):
    def build(b, x):
        for _ in range(20):
            x = b(Add(), x, x)
        return x

    tree = program(emitted(module_of(build, X)))
    (main,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "main"]
    assert sum(isinstance(n, ast.Delete) for n in main.body) == 2


@pytest.mark.parametrize(
    ("hint", "name"),
    [
        ("conv1.weight", "conv1_weight"),
        ("/a//b:0", "a_b_0"),
        ("123", "v123"),
        ("class", "class_1"),
        ("print", "print_1"),
        ("", "v"),
        ("é", "v"),
        ("np", "np_1"),
        ("x" * 99, "x" * 40),
        ("a_very_long_scope/of_words/conv_12/weight", "very_long_scope_of_words_conv_12_weight"),
    ],
)
def test_names_are_identifiers_that_shadow_nothing(hint, name):
    assert Names({"np"}).fresh(hint) == name


def test_names_are_unique_whatever_their_case():
    names = Names()
    found = [names.fresh(n) for n in ("W", "w", "w", "w_1", "W")]
    assert len({n.casefold() for n in found}) == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "np.array(0.1, dtype=np.float32)"),
        (np.array([1, -2]), "np.array([1, -2], dtype=np.int64)"),
        (np.array([[True], [False]]), "np.array([[True], [False]], dtype=np.bool_)"),
        (np.array([np.nan, -np.inf, -0.0]), "np.array([np.nan, -np.inf, -0.0], dtype=np.float64)"),
        (np.zeros((0, 2), np.uint8), "np.zeros((0, 2), dtype=np.uint8)"),
        (np.zeros(17), None),
        (np.array([-np.nan]), None),
    ],
)
def test_literals(value, text):
    assert array(ArrayWeight(np.asarray(value))) == text


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_literals_give_the_very_bits(dtype):
    bits = np.random.default_rng(0).integers(0, 256, (200, np.dtype(dtype).itemsize), dtype=np.uint8)
    for value in bits.view(dtype)[:, 0]:
        text = array(ArrayWeight(np.asarray(value)))
        if text is None:
            assert np.isnan(value)
        else:
            assert eval(text, {"np": np}).tobytes() == value.tobytes()


def test_attributes():
    value = (1, 2.5, float("inf"), None, True, "it's", (np.dtype(np.int8),), ())
    assert eval(SPELLING.attribute(value), {"np": np}) == value


def test_comments_stay_on_their_line():
    assert comment("a\nb\tc", 80) == "# a b c"
    assert len(comment("x" * 200, 80)) == 80
