"""A module as a package of PyTorch source, and its weights beside it."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from interlingua.backends.lowering import Lowerings
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, import_lines
from interlingua.backends.source.text import fill, printable, quoted
from interlingua.backends.torch.classes import Classes
from interlingua.backends.torch.context import WIDTH, NotAtHand, Program, names_in
from interlingua.backends.torch.export import write_program
from interlingua.backends.torch.state import State
from interlingua.backends.torch.target import TorchTarget
from interlingua.backends.torch.writer import Draft, Writer, Written, all_steps, annotation, needed_steps
from interlingua.errors import UsageError
from interlingua.formats.torch import NAMES
from interlingua.ir.graph import Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.safetensors import write_safetensors
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight
from interlingua.runtimes.torch import PROGRAM as EXPORTED

PACKAGE, PROGRAM, FUNCTIONS, WEIGHTS = "__init__.py", "model.py", "functional.py", "weights.safetensors"
FILES = {PACKAGE, PROGRAM, FUNCTIONS, WEIGHTS, EXPORTED}
CLASSES, BUFFERS = "torch.classes", "torch.buffers"
"""What the metadata call, as JSON, the names of module classes by scope and the list of names of constants that are not
trained, where the source knows them."""
IMPORTS = {"torch": "import torch", "F": "import torch.nn.functional as F", "math": "import math"}
GLOBALS = frozenset({"torch", "nn", "F", "math", "Tensor", "NamedTuple", "Model", "Outputs", "self", "_"})

INIT = '''"""{title}, as PyTorch source.

``load()`` gives the module with its weights, in evaluation mode; ``Model()`` gives it without them. It is called with
the tensors of INPUTS in order, or by the names of its parameters, and gives {gives}.
"""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_model

from .model import Model

__all__ = ["INPUTS", "OUTPUTS", "Model", "load"]

{interface}

def load(weights: str | Path | None = None) -> Model:
    """The model in evaluation mode, with its own weights or those of another file."""
    model = Model()
    load_model(model, Path(__file__).with_name("weights.safetensors") if weights is None else weights)
    return model.eval()
'''


class Emitter:
    """Emits one module."""

    def __init__(self, lowerings: Lowerings, target: TorchTarget) -> None:
        self.lowerings = lowerings
        self.target = target

    def emit(self, module: Module, path: Path) -> None:
        """Write the package into the folder ``path``, in place of an earlier one.

        Raises:
            UsageError: ``path`` is no folder of an artifact, or the module is not legal, or ``torch.export`` does not
                take it where it should.
        """
        clear(path)
        texts, weights = self.sources(module)
        path.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (path / name).write_bytes(text.encode("utf-8", "backslashreplace"))
        write_safetensors(path / WEIGHTS, weights)
        if self.target.pt2:
            write_program(module, path)

    def sources(self, module: Module) -> tuple[dict[str, str], dict[str, Weight]]:
        """The text of each file, and the weights by their names in the state."""
        helpers = functional_names()
        program = Program(self.lowerings, self.target, GLOBALS | helpers, _buffers(module))
        text, weights = write_model(module, program)
        texts = {PACKAGE: _package(module), PROGRAM: _program(module, program, text)}
        called = Sources()
        for name in sorted(names_in(text) & program.functional.functions.keys()):
            called.add(program.functional.functions[name])
        if called.functions:
            texts[FUNCTIONS] = _functions(called)
        return texts, weights


def _buffers(module: Module) -> frozenset[int]:
    names = set(json.loads(module.metadata.get(BUFFERS, "[]")))
    return frozenset(id(n.op.weight) for n in module.walk() if isinstance(n.op, Constant) and n.result.name in names)


def functional_names() -> frozenset[str]:
    """Names that values must not take: those of our own functions."""
    from interlingua.backends.torch import functional

    return frozenset(functional.names())


def write_model(module: Module, program: Program) -> tuple[list[str], dict[str, Weight]]:
    """The lines of all classes, and the weights by their names in the state."""
    try:
        written, formal = _written(module, program, needed_steps(program, module.main))
    except NotAtHand:  # a size that only the inside of another module tells: then what computes it is written, too
        written, formal = _written(module, program, all_steps(module.main))
    told = json.loads(module.metadata.get(CLASSES, "{}"))
    classes = Classes(written, program.reserved, told, program.trains)
    state = State(written, program.trains)
    lines = classes.render(classes.root_class, _title(module), ["self", *formal], state.ties)
    return [*classes.text(), *lines], state.weights


def _written(module: Module, program: Program, needed: Collection[Node]) -> tuple[Written, list[str]]:
    """The model as a module, and the parameters of its ``forward``."""
    writer = Writer(program, module.main, needed)
    root = Draft(writer, writer.parts(), None)
    formal, head = _interface(module, root)
    root.steps()
    outputs = [root.context.expression(v) for v in module.main.outputs]
    single = len(outputs) == 1
    written = root.finished(f"return {outputs[0]}" if single else f"return Outputs({', '.join(outputs)})", head)
    written.gives = annotation(module.main.outputs[0].type) if single else "Outputs"
    return written, formal


def _interface(module: Module, root: Draft) -> tuple[list[str], list[str]]:
    """The parameters of ``forward``, and what it does about those that are left out."""
    formal, head, optional = list[str](), list[str](), False
    for port, value in zip(module.inputs, module.main.inputs, strict=True):
        name = root.names.parameter(port.name)
        if port.default is not None:
            optional = True
            default = f"self.{root.holder.attribute(port.default, f'{name}_default')}"
            head.append(f"{name} = {default} if {name} is None else {name}")
        elif optional:  # Python wants a default after a default
            head += [f"if {name} is None:", f"    raise TypeError({f'the input {port.name!r} is missing'!r})"]
        kind = annotation(value.type)
        formal.append(f"{name}: {kind} | None = None" if optional else f"{name}: {kind}")
        root.context.take(value, name)
    return formal, head


def _package(module: Module) -> str:
    gives = "the tensor" if len(module.outputs) == 1 else "a named tuple"
    interface = "".join(
        f"{title} = {{\n{''.join(f'    {quoted(n)}: {_declared(v.type)},{chr(10)}' for n, v in ports)}}}\n"
        for title, ports in (
            ("INPUTS", list(zip(module.input_names, module.main.inputs, strict=True))),
            ("OUTPUTS", list(zip(module.output_names, module.main.outputs, strict=True))),
        )
    )
    return INIT.format(title=_title(module), gives=f"{gives} of OUTPUTS", interface=interface)


def _declared(type_: Type) -> str:
    if not isinstance(type_, Tensor):
        return f"({quoted(str(type_))}, None)"
    if type_.shape is None:
        return f"({quoted(NAMES[type_.dtype])}, None)"
    dims = [str(d) if isinstance(d, int) else quoted(str(d)) for d in type_.shape]
    return f"({quoted(NAMES[type_.dtype])}, ({', '.join(dims)}{',' if len(dims) == 1 else ''}))"


def _title(module: Module) -> str:
    title = printable(module.metadata.get("graph", "")).translate({ord("\\"): "/", ord('"'): "'"}).strip()
    return f"The model {title}" if title else "A model"


def _program(module: Module, program: Program, text: list[str]) -> str:
    """The text of ``model.py``: imports, what it gives, the classes."""
    used = names_in(text)
    parts = ["from __future__ import annotations", ""]
    many = len(module.outputs) != 1
    parts += ["import math"] if "math" in used else []
    parts += ["from typing import NamedTuple", ""] if many else [""] if "math" in used else []
    parts += [line for name, line in IMPORTS.items() if name in used and name != "math"]
    parts += ["from torch import Tensor, nn", ""]
    helpers = sorted(used & set(program.functional.functions))
    if helpers:
        line = f"from .functional import {', '.join(helpers)}"
        many_lines = ["from .functional import (", *fill(helpers, 100), ")"]
        parts += [line] if len(line) <= WIDTH else many_lines
        parts += [""]
    if many:
        names, results = Names(), zip(module.output_names, module.main.outputs, strict=True)
        fields = [f"    {names.fresh(name, 'y')}: {annotation(value.type)}" for name, value in results]
        parts += ["", "class Outputs(NamedTuple):", '    """What the model gives."""', "", *fields, ""]
    return "\n".join([*parts, "", *text]) + "\n"


def _functions(sources: Sources) -> str:
    imports = "\n".join(import_lines(sources.imports)).strip("\n")
    head = '"""Operations that PyTorch has no function for."""\n\nfrom __future__ import annotations'
    return "\n\n".join([head, imports, f"\n{sources.text()}"])


def clear(path: Path) -> None:
    """Remove an earlier artifact at ``path``.

    Raises:
        UsageError: something else is there.
    """
    if not path.exists():
        return
    found = {p.name for p in path.iterdir()} if path.is_dir() else {path.name}
    if found and not {PACKAGE, PROGRAM} <= found <= {*FILES, "__pycache__"}:
        raise UsageError(f"{path} is there and holds no artifact of this backend", hint="choose another path")
    for name in found & FILES:
        (path / name).unlink()
