"""The shape of the code: who may import whom, what an import costs, how long a file may be."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import interlingua
from interlingua.ir.dialects import builtin_dialects, builtin_ops
from interlingua.ir.op import Op, attribute_types

SRC = Path(interlingua.__file__).parent
ROOT = Path(__file__).parent.parent
FILES = sorted(SRC.rglob("*.py"))

FRAMEWORKS = {"onnx", "onnxruntime", "onnx_graphsurgeon", "torch", "tensorflow", "google", "safetensors"}
HOMES = ("frontends/onnx", "backends/onnx", "formats/onnx.py", "backends/torch/functional")
"""Where a framework may be imported at the head of a module; elsewhere inside a function."""

FILE_LINES = 400
FUNCTION_LINES = 60
CORE_FROM_THE_DESIGN = set(
    """
    abs neg sign floor ceil round sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf
    is_nan is_inf add sub mul div rem pow max min atan2 not and or xor shift_left shift_right eq lt le select
    cast bitcast reduce_sum reduce_prod reduce_max reduce_min argmax argmin cumsum
    matmul conv conv_transpose max_pool avg_pool reshape transpose broadcast_to concat slice pad reverse
    gather gather_nd gather_along scatter_nd scatter_along top_k non_zero unique
    constant iota shape_of if while scan call random_uniform random_normal
    """.split()  # noqa: SIM905 - a list to read
)


def test_dependencies_point_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The contracts are in pyproject.toml."""
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def statements(path: Path) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported; what only type checkers read left out."""
    stack: list[ast.stmt] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.If):
            checking = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            stack.extend(node.orelse if checking else [*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            stack.extend([*node.body, *node.orelse, *node.finalbody, *(s for h in node.handlers for s in h.body)])
        elif isinstance(node, ast.ClassDef | ast.With):
            stack.extend(node.body)
        else:
            yield node


def test_frameworks_are_imported_where_they_belong() -> None:
    wrong = []
    for path in FILES:
        relative = path.relative_to(SRC).as_posix()
        if relative.startswith(HOMES):
            continue
        for node in statements(path):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [f"{relative}:{node.lineno} imports {n}" for n in names if n.split(".")[0] in FRAMEWORKS]
    assert not wrong, "\n".join(wrong)


def test_imports_are_absolute() -> None:
    nodes = ((p, n) for p in FILES for n in ast.walk(ast.parse(p.read_text(encoding="utf-8"))))
    assert not [f"{p}:{n.lineno}" for p, n in nodes if isinstance(n, ast.ImportFrom) and n.level]


@pytest.mark.parametrize(
    "statement",
    [
        "import interlingua",
        "import interlingua.cli",
        "from interlingua.plugins import plugins; p = plugins(); p.backends; p.frontends; p.passes",
    ],
)
def test_no_framework_is_loaded_before_it_is_needed(statement: str) -> None:
    code = f"import sys, json; {statement}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
    assert not FRAMEWORKS & set(loaded) - {"google"}  # a namespace package that .pth files may load


def test_importing_the_package_is_quick() -> None:
    code = "import time; t = time.perf_counter(); import interlingua; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout for _ in range(5)]
    assert min(float(seconds) for seconds in runs) < 0.3


def test_files_are_short() -> None:
    lengths = {p.relative_to(SRC).as_posix(): len(p.read_text(encoding="utf-8").splitlines()) for p in FILES}
    assert not {name: n for name, n in lengths.items() if n > FILE_LINES}


def test_functions_are_short() -> None:
    long = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1 - documentation_lines(node)
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(SRC).as_posix()}:{node.lineno} {node.name}"] = lines
    assert not long


def documentation_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the docstring and the signature: a door with many documented arguments is no long function."""
    first = node.body[0]
    is_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) - node.lineno if is_doc else first.lineno - node.lineno - 1


OPS = sorted(builtin_ops().values(), key=lambda cls: cls.name)


@pytest.mark.parametrize("cls", OPS, ids=lambda cls: cls.name)
def test_every_op_is_one_whole_definition(cls: type[Op]) -> None:
    assert "__doc__" in vars(cls)
    assert cls.__doc__
    assert not cls.__doc__.startswith(f"{cls.__name__}("), "the docstring is the one that dataclasses make"
    assert re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", cls.name)
    assert cls.infer is not Op.infer
    assert cls.kernel is not None or cls.reference is not Op.reference
    assert attribute_types(cls) is not None


PRIMITIVE = re.compile(
    r"(core|sequence|optional|opaque)\.\w+|string\.(concat|split|full_match|upper|lower)|vision\.decode_image"
)
"""What core has no words for is primitive, too: lists, absent values, characters, files."""


@pytest.mark.parametrize("cls", OPS, ids=lambda cls: cls.name)
def test_primitives_do_not_decompose_and_composites_do(cls: type[Op]) -> None:
    if PRIMITIVE.fullmatch(cls.name):
        assert cls.decompose is None
    else:
        assert cls.decompose is not None


def test_names_of_ops_are_unique_across_modules() -> None:
    assert sum(len(d.ops) for d in builtin_dialects()) == len(builtin_ops())


def test_the_core_dialect_is_the_one_that_was_designed() -> None:
    core = {name.removeprefix("core.") for name in builtin_ops() if name.startswith("core.")}
    assert core == CORE_FROM_THE_DESIGN
