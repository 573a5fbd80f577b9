"""Files of PyTorch: what kind each is, and those that can be read without running anything that they hold.

PyTorch's own readers unpickle, evaluate expressions and load libraries where an archive asks for it. Here an archive
is looked through first, and one that asks for any of that is refused.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel

RUNS = "reading it would run code that the file holds"
_HARMLESS = (
    *(ast.Expression, ast.Load, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.keyword),
    *(ast.operator, ast.unaryop, ast.cmpop, ast.boolop),
)
_WORD = re.compile(r"\w*")
_OPERATOR = re.compile(
    r"torch\.ops(\.\w+){2,3}|_operator\.\w+|math\.\w+|torch\._?sym_\w+|torch\.sym_\w+|#\w+:[\w.]+|"
    r"torch\.fx\.experimental\.symbolic_shapes\.\w+"
)
_FILES = re.compile(r"\b(torch|ops|aten)(\.|::)(save|from_file)\b")
_FACTORY = re.compile(r"default_factory_module\W+(\w[\w.]*)")
_LIBRARY_MODULES = frozenset({"builtins", "collections"})


class Kind(Enum):
    """What a file holds."""

    PROGRAM = "an exported program"
    OLD_PROGRAM = "an exported program of PyTorch before 2.8"
    SCRIPT = "TorchScript"
    PICKLE = "what torch.save wrote"
    SAFETENSORS = "safetensors"


def kind_of(path: Path) -> Kind:
    """What a file holds, by what is in it.

    Raises:
        InvalidModel: nothing that is known, or damaged.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head[:2] == b"PK":
        return _archived(path)
    if head[:1] == b"\x80":
        return Kind.PICKLE
    if head[8:9] == b"{":
        return Kind.SAFETENSORS
    raise InvalidModel("this is none of PyTorch's files, or damaged", where=str(path))


def _archived(path: Path) -> Kind:
    names = [name.partition("/")[2] or name for name in _members(path)]
    if "archive_format" in names:
        return Kind.PROGRAM
    if "serialized_exported_program.json" in names:
        return Kind.OLD_PROGRAM
    if any(name.startswith("code/") for name in names):
        return Kind.SCRIPT
    if "data.pkl" in names:
        return Kind.PICKLE
    raise InvalidModel("an archive, but none of PyTorch's, or damaged", where=str(path))


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidModel(f"the archive is damaged: {error}", where=str(path)) from error
    if len(set(names)) < len(names):
        raise InvalidModel("the archive is damaged: a name comes twice", where=str(path))
    return names


def load_program(path: Path) -> Any:
    """The ``ExportedProgram`` in a ``.pt2`` file, none of whose parts is unpickled but plain tensors of examples.

    Raises:
        InvalidModel: it is damaged, or reading it would run code.
    """
    import torch

    _look_through(path)
    try:
        return torch.export.load(path)
    except Exception as error:
        raise InvalidModel(f"torch.export.load cannot read it: {_first(error)}", where=str(path)) from error


def load_script(path: Path) -> Any:
    """The ``ScriptModule`` in a file of TorchScript: its code is TorchScript's own, which can do nothing but compute
    once it neither writes nor maps files.

    Raises:
        InvalidModel: it is damaged, or its code has to do with files.
    """
    import torch

    for name, text in _texts(path, "code/", ".py"):
        if found := _FILES.search(text):
            raise InvalidModel(f"{name} calls {found[0]}: {RUNS}", where=str(path))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)  # of TorchScript as a whole
            return torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
    except Exception as error:
        raise InvalidModel(f"torch.jit.load cannot read it: {_first(error)}", where=str(path)) from error


def _first(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:300]}"


def _texts(path: Path, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    """The texts in a folder of an archive, by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                inner = name.partition("/")[2]
                if inner.startswith(folder) and inner.endswith(suffix):
                    yield inner, archive.read(name).decode()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise InvalidModel(f"the archive is damaged: {error}", where=str(path)) from error


def _look_through(path: Path) -> None:
    """Raise where PyTorch's reader would do more than read.

    Raises:
        InvalidModel: it would.
    """
    names = [name.partition("/")[2] for name in _members(path)]
    where = str(path)
    if any(name.startswith("data/aotinductor/") for name in names):
        raise InvalidModel(f"the archive holds compiled libraries: {RUNS}", where=where, hint="export the model anew")
    for name in names:
        if re.fullmatch(r"data/(weights|constants)/[^/]*\.pt", name):
            hint = "save it anew, with PyTorch 2.9 or later"
            raise InvalidModel(f"{name} is pickled: {RUNS}", where=where, hint=hint)
    for name, text in _texts(path, "data/", "_config.json"):
        for weight, payload in _json(text, name, where).get("config", {}).items():
            if payload.get("use_pickle"):
                raise InvalidModel(
                    f"{weight!r} is pickled, as tensors of classes of their own and other objects are: {RUNS}",
                    where=where,
                    hint="load the module yourself, and give it to Interlingua with example_inputs",
                )
    _examples(path, where)
    for name, text in _texts(path, "models/", ".json"):
        _program(_json(text, name, where), where)


def _json(text: str, name: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidModel(f"{name} is no JSON: {error}", where=where) from error


def _examples(path: Path, where: str) -> None:
    """PyTorch unpickles the examples, and anything in them if it has to: here plain tensors have to be enough."""
    import io

    import torch

    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.partition("/")[2].startswith("data/sample_inputs/"):
                try:
                    content = archive.read(name)
                    if content:
                        torch.load(io.BytesIO(content), weights_only=True)
                except Exception as error:
                    raise InvalidModel(
                        f"its example inputs are no plain tensors: {RUNS}",
                        where=where,
                        hint="save it without them: program.example_inputs = None before torch.export.save",
                    ) from error


def _program(found: Any, where: str, key: str = "") -> None:
    """Raise where a text in a program would be evaluated, or names anything but an operator as what is called."""
    if isinstance(found, dict):
        for name, value in found.items():
            _program(value, where, name)
    elif isinstance(found, list):
        for value in found:
            _program(value, where, key)
    elif isinstance(found, str):
        if key == "expr_str" and not harmless(found):
            raise InvalidModel(f"the expression {found[:80]!r} is no size: {RUNS}", where=where)
        if key in ("target", "as_operator") and (not _OPERATOR.fullmatch(found) or _FILES.search(found)):
            raise InvalidModel(f"it calls {found[:80]!r}, which is no operator: {RUNS}", where=where)
        if key in ("in_spec", "out_spec"):
            factories = _FACTORY.findall(found)
            if "__enum__" in found or any(f not in _LIBRARY_MODULES for f in factories):
                raise InvalidModel(f"its arguments are of classes that it names itself: {RUNS}", where=where)


def harmless(expression: str) -> bool:
    """Whether a text that is to be evaluated holds nothing but numbers, symbols and SymPy's functions of them."""
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return all(map(_harmless, ast.walk(tree)))


def _harmless(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return _WORD.fullmatch(text) is not None
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return not name.startswith("__")
        case ast.Call(func=ast.Name(id=name)):
            return _is_function(name)
    return isinstance(node, _HARMLESS)


def _is_function(name: str) -> bool:
    """Whether a name is a class of SymPy's expressions."""
    import sympy
    from torch.utils._sympy import functions

    found = getattr(functions, name, None) or getattr(sympy, name, None)
    return isinstance(found, type) and issubclass(found, sympy.Basic)
