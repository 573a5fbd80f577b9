"""``interlingua reduce`` on the shell, and what it writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from typer.testing import CliRunner

import interlingua
from interlingua.cli.app import app
from interlingua.cli.outcome import Exit
from interlingua.diagnosis.reduce import reducer
from interlingua.ir.graph import Module
from interlingua.ir.ops.unary import Neg
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.plugins import plugins
from support.text import parse

TEXT = """interlingua 1
input "x" [5]
output "y" [5]
func @main(%x: f32[5]) {
  %a = nn.relu(%x) : f32[5]
  %b = core.neg(%a) : f32[5]
  %c = core.tanh(%b) : f32[5]
  %y = math.sigmoid(%c) : f32[5]
  return %y as "y"
}
"""


@dataclass(frozen=True, slots=True)
class DropNeg(Pass):
    """Takes every negation for nothing."""

    name: ClassVar[str] = "drop-neg"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        nodes = [n for n in module.main.nodes if isinstance(n.op, Neg)]
        for node in nodes:
            rewriter.replace_node(node, [node.operand(0)])
        return len(nodes)


@pytest.fixture
def source(tmp_path, monkeypatch):
    host = plugins()
    known = SimpleNamespace(passes={**host.passes, "drop-neg": DropNeg}, backend=host.backend)
    monkeypatch.setattr(reducer, "plugins", lambda: known)
    path = tmp_path / "model.il"
    interlingua.save(parse(TEXT), path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["reduce", *map(str, arguments)])


def test_what_a_pass_breaks_is_reduced_and_written(source, tmp_path):
    example = tmp_path / "example.npz"
    np.savez(example, x=np.arange(1, 6, dtype=np.float32))
    result = run(source, "--pass", "drop-neg", "--example", example, "-o", tmp_path / "out", "-v")
    assert result.exit_code == Exit.OK, result.output
    assert "MISMATCH in drop-neg" in result.stdout
    assert "4 nodes → 1" in result.stdout
    assert "core.neg" in result.stdout
    (folder,) = (tmp_path / "out").iterdir()
    assert f"written to {folder}" in result.stdout
    kept = interlingua.load(folder / "module.il")
    assert [n.op.name for n in kept.main.nodes] == ["core.neg"]
    assert set(np.load(folder / "inputs.npz")) == set(kept.input_names)
    assert json.loads((folder / "meta.json").read_text())["signature"]["ops"] == ["core.neg"]


def test_the_backend_comes_after_the_passes(source, tmp_path):
    result = run(source, "--pass", "drop-neg", "--to", "numpy", "-o", tmp_path / "out")
    assert result.exit_code == Exit.OK, result.output
    assert "4 nodes → 1" in result.stdout


def test_a_model_that_does_not_fail(source, tmp_path):
    result = run(source, "--to", "numpy", "-o", tmp_path / "out")
    assert result.exit_code == Exit.USAGE
    assert "does not fail in numpy: VERIFIED" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_budget_of_nothing_still_gives_what_there_is(source, tmp_path):
    result = run(source, "--pass", "drop-neg", "--seconds", "0", "-o", tmp_path / "out")
    assert result.exit_code == Exit.OK, result.output
    assert "4 nodes → 4" in result.stdout
    assert "budget is spent" in result.stdout
