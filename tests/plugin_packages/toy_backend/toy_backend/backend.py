"""The backend: a table of lowerings, an emitter and a runner."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Condition, Lowerings, Row, dtypes
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Div, Sub
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.opaque import Opaque
from interlingua.ir.ops.reduction import ReduceMax, ReduceSum
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.unary import Exp
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.process import run_worker

TABLE = Lowerings()
FLOATS = dtypes([DType.F32, DType.F64])


@dataclass
class Program:
    """What a lowering adds to: instructions over numbered values."""

    instructions: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def emit(self, name: str, *operands: int, **attributes: Any) -> int:
        self.instructions.append({"op": name, "in": operands, "out": self.fresh(), **attributes})
        return self.count - 1

    def fresh(self) -> int:
        self.count += 1
        return self.count - 1


@TABLE.lower(Add, Sub, Div, MatMul, Exp, Relu, when=[FLOATS])
def direct(op: Op, program: Program, *operands: int) -> int:
    return program.emit(op.name, *operands)


@TABLE.lower(ReduceMax, ReduceSum, when=[FLOATS])
def reduction(op: ReduceMax | ReduceSum, program: Program, x: int) -> int:
    return program.emit(op.name, x, axes=op.axes, keepdims=op.keepdims)


@TABLE.lower(Opaque, when=[Condition("it is no Scaler", lambda node, _: node.op.label == "ai.onnx.ml:Scaler")])
def scaler(op: Opaque, program: Program, x: int) -> int:
    """An op that only this backend knows, by the name and the attributes of its source."""
    return program.emit(op.label, x, **json.loads(op.settings))


class ToyBackend(Backend):
    """``model.toy`` is JSON; each weight is an ``.npy`` file beside it."""

    name = "toy"
    extension = ".toy"

    @property
    def lowerings(self) -> Lowerings:
        return TABLE

    def emit(self, module: Module, path: Path, target: Target) -> None:
        program = Program()
        numbers: dict[Value, int] = {v: program.fresh() for v in module.main.inputs}
        for node in module.main.nodes:
            operands = [numbers[o] for o in node.operands if o is not None]
            if isinstance(node.op, Constant):
                number = program.emit("constant")
                np.save(path.with_name(f"{path.name}.{number}.npy"), node.op.weight.view())
            else:
                row = TABLE.find(node, target)
                assert isinstance(row, Row)
                number = row.lower(node.op, program, *operands)
            numbers[node.result] = number
        interface = {
            "inputs": dict(zip(module.input_names, range(len(module.inputs)), strict=True)),
            "outputs": {n: numbers[v] for n, v in zip(module.output_names, module.main.outputs, strict=True)},
        }
        path.write_text(json.dumps({**interface, "program": program.instructions}))

    def runner(self, path: Path) -> Runner:
        return ToyRunner(path)


class ToyRunner(Runner):
    """Runs the file in a process of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def description(self) -> str:
        return "the toy runtime"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        options = {"path": str(self.path.resolve())}
        entry = "toy_backend.runtime:open_model"
        return run_worker(entry, options, batches, timeout=timeout, subject=self.description)
