"""A module as a folder: ``model.py``, and ``weights/`` beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.backends.lowering import Lowerings
from interlingua.backends.numpy import harness
from interlingua.backends.numpy.constants import Constants
from interlingua.backends.numpy.context import Context, Program
from interlingua.backends.numpy.lowerings import native
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, import_lines
from interlingua.backends.source.stacks import symbols_of_stacks
from interlingua.backends.source.text import printable
from interlingua.errors import Refusal, UnsupportedOps, UsageError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Value
from interlingua.ir.types import Tensor
from interlingua.ir.weights import Weight

PROGRAM = "model.py"
WEIGHTS = "weights"
GLOBALS = ("np", "Array", "_", *harness.GIVEN)
HARNESS = (harness.command_line, harness.or_empty, harness.run, harness.load_weight)

DOCSTRING = '''"""{title}, as a program that needs NumPy alone.

    python model.py INPUTS.npz OUTPUTS.npz [INPUTS.npz OUTPUTS.npz ...]

runs it on every file of inputs. From Python, ``run({{name: array, ...}})`` gives the outputs by name, and
``main`` takes the inputs in the order of INPUTS. The functions at the end say what each operation computes.
"""
'''


class Emitter:
    """Emits one module."""

    def __init__(self, lowerings: Lowerings, target: Any) -> None:
        self.lowerings = lowerings
        self.target = target

    def emit(self, module: Module, path: Path) -> None:
        """Write the artifact into the folder ``path``, in place of an earlier one.

        Raises:
            UnsupportedOps: an input or output is of a dtype that NumPy lacks.
            UsageError: ``path`` is no folder of an artifact, or the module is not legal.
        """
        check_interface(module)
        clear(path)
        text, constants = self.program(module)
        path.mkdir(parents=True, exist_ok=True)
        (path / PROGRAM).write_bytes(text.encode("utf-8", "backslashreplace"))
        if constants.files:
            (path / WEIGHTS).mkdir(exist_ok=True)
        for name, weight in constants.files.items():
            write_weight(weight, path / WEIGHTS / name)

    def program(self, module: Module) -> tuple[str, Constants]:
        """The text of the program, and its constants."""
        own = Sources()
        for function in HARNESS:
            own.add(function, harness.GIVEN)
        names = Names({*GLOBALS, *own.functions, *_kernel_names(module), *_modules(own)})
        constants = Constants(names)
        program = Program(self.lowerings, self.target, names, constants, Sources(), symbols_of_stacks(module))
        write_main(module, program)
        return _assemble(module, program, own), constants


def _kernel_names(module: Module) -> set[str]:
    """Names that values must not take: those of the kernels, of what they call, and of their imports."""
    sources = Sources()
    for op in {type(node.op): None for node in module.walk()}:
        if op.kernel is not None:
            sources.add(op.kernel)
    return {*sources.functions, *_modules(sources)}


def _modules(sources: Sources) -> set[str]:
    return {line.split()[-1] for line in sources.imports}


def _assemble(module: Module, program: Program, own: Sources) -> str:
    """The text of the program from its parts: what a reader wants first stands first."""
    imports = {"import numpy as np", "import sys", *own.imports, *program.sources.imports}
    unused = {"load_weight"} if not program.constants.files else set()
    unused |= {"or_empty"} if not any("or_empty(" in line for line in program.lines) else set()
    loader = {"load_weight", "as_objects"} if program.constants.files else set()
    title = printable(module.metadata.get("graph", "")).translate({ord("\\"): "/", ord('"'): "'"}).strip()
    parts = [
        DOCSTRING.format(title=f"The model {title}" if title else "A model"),
        "from __future__ import annotations\n",
        "\n".join(import_lines(imports)) + "\n\nArray = np.ndarray\n",
        _interface("INPUTS", module.input_names, module.main.inputs),
        _interface("OUTPUTS", module.output_names, list(module.main.outputs)),
        _apart(own.text(loader)),
        _apart("".join(f"{name} = {text}\n" for name, text in program.constants.definitions.items())),
        _apart("\n".join(program.lines) + "\n"),
        _apart(own.text(own.functions.keys() - loader - unused)),
        _apart(program.sources.text()),
        _apart('if __name__ == "__main__":\n    sys.exit(command_line(sys.argv[1:]))\n'),
    ]
    return "\n".join(part for part in parts if part)


def _apart(text: str) -> str:
    return f"\n{text}" if text else ""


def _interface(title: str, names: list[str], values: list[Value]) -> str:
    lines = [f"    {name!r}: {_declared(value.tensor)},\n" for name, value in zip(names, values, strict=True)]
    return f"{title} = {{\n{''.join(lines)}}}\n"


def _declared(type_: Tensor) -> str:
    dims = None if type_.shape is None else tuple(d if isinstance(d, int) else str(d) for d in type_.shape)
    return repr((type_.dtype.numpy.name, dims))


def write_main(module: Module, program: Program) -> None:
    """The function ``main``."""
    parameters = [program.names.parameter(port.name) for port in module.inputs]
    context = Context(program, 1, {})
    formal, head, optional = [], [], False
    for port, parameter in zip(module.inputs, parameters, strict=True):
        if port.default is not None:
            optional = True
            default = program.constants.expression(port.default, f"{parameter}_default")
            head.append(f"{parameter} = {default} if {parameter} is None else {parameter}")
        elif optional:  # Python wants a default after a default
            problem = f"the input {port.name!r} is missing"
            head.append(f"if {parameter} is None:\n    raise TypeError({problem!r})")
        formal.append(f"{parameter}=None" if optional else parameter)
    program.lines.append(f"def main({', '.join(formal)}):")
    context.line('"""The model: the arrays of INPUTS in order, to the arrays of OUTPUTS."""')
    for text in head:
        context.line(text)
    for value, parameter in zip(module.main.inputs, parameters, strict=True):
        context.define(value, parameter)
    context.body(module.main)


def check_interface(module: Module) -> None:
    """Nodes have been checked; inputs and outputs may be of no node.

    Raises:
        UnsupportedOps: one is of a dtype that NumPy lacks, or no tensor.
    """
    ports, values = [*module.inputs, *module.outputs], [*module.main.inputs, *module.main.outputs]
    refusals = [
        Refusal("interface", f"files of NumPy arrays hold no {value.type}", port.name)
        for port, value in zip(ports, values, strict=True)
        if not (isinstance(value.type, Tensor) and native(value.type.dtype))
    ]
    if refusals:
        raise UnsupportedOps(refusals, subject="numpy")


def clear(path: Path) -> None:
    """Remove an earlier artifact at ``path``.

    Raises:
        UsageError: something else is there.
    """
    if not path.exists():
        return
    found = {p.name for p in path.iterdir()} if path.is_dir() else {path.name}
    if found and not {PROGRAM} <= found <= {PROGRAM, WEIGHTS, "__pycache__"}:
        raise UsageError(f"{path} is there and holds no artifact of this backend", hint="choose another path")
    if (path / WEIGHTS).is_dir():
        shutil.rmtree(path / WEIGHTS)


def write_weight(weight: Weight, path: Path) -> None:
    """A weight as an .npy file; its bytes go from file to file where the handle can do that."""
    if weight.dtype is DType.STRING:
        np.save(path, weight.view().astype(np.str_))
        return
    header = {
        "descr": np.lib.format.dtype_to_descr(weight.dtype.numpy),
        "fortran_order": False,
        "shape": tuple(weight.shape),
    }
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        weight.write_to(file)
