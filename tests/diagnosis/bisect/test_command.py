"""``interlingua bisect``."""

from __future__ import annotations

import json

import numpy as np
import onnx
from typer.testing import CliRunner

from interlingua.cli.app import app
from support.faulty import branched, inputs


def run(tmp_path, *arguments):
    onnx.save(branched(), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", **inputs())
    return CliRunner().invoke(app, ["bisect", str(tmp_path / "m.onnx"), *arguments])


def test_a_sound_conversion(tmp_path):
    report = tmp_path / "report.json"
    done = run(tmp_path, "--to", "onnx", "--example", str(tmp_path / "x.npz"), "--report", str(report))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("VERIFIED")
    written = json.loads(report.read_text())
    assert written["verdict"] == "VERIFIED"
    assert written["checked"]["run"] > 0


def test_a_backend_that_is_none(tmp_path):
    done = run(tmp_path, "--to", "nope")
    assert done.exit_code == 2
    assert "no backend is called" in done.output
