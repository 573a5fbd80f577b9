"""LiteRT's files from the shell: a signature of several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interlingua.cli.app import app
from interlingua.cli.outcome import Exit
from support.litert_models import Model


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def several(tmp_path: Path) -> Path:
    model = Model()
    for key, op in (("encode", "NEG"), ("decode", "SQUARE")):
        graph = model.subgraph()
        x = graph.input("x", (2,))
        graph.outputs = [graph.tensor("y", (2,))]
        graph.op(op, [x], graph.outputs)
        model.signature(key, {f"{key}_x": x}, {f"{key}_y": graph.outputs[0]}, len(model.subgraphs) - 1)
    path = tmp_path / "several.tflite"
    path.write_bytes(model.pack())
    return path


def test_a_signature_is_shown_checked_and_converted(several: Path, tmp_path: Path) -> None:
    asked = ("--signature", "decode")
    assert "decode_x  f32[2]" in run("inspect", several, *asked).output
    assert run("check", several, "--to", "onnx", *asked).exit_code == Exit.OK
    target = tmp_path / "decode.onnx"
    converted = run("convert", several, "-o", target, *asked)
    assert converted.exit_code == Exit.OK, converted.output
    assert "VERIFIED" in converted.output
    assert run("verify", several, target, *asked).exit_code == Exit.OK


def test_which_ones_there_are_is_said(several: Path) -> None:
    shown = run("inspect", several)
    assert shown.exit_code == Exit.USAGE
    assert "takes one of ['encode', 'decode']" in shown.output
