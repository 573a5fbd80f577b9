"""``interlingua compare`` on the shell."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from interlingua.cli.app import app
from interlingua.cli.show import figures
from interlingua.report import Comparison, Verdict
from support.models import mlp
from support.odd_pairs import image, noisy, single, two_inputs, written


def run(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


@pytest.fixture
def pair(tmp_path):
    def make(first, second):
        return written(tmp_path, first, "a.onnx"), written(tmp_path, second, "b.onnx")

    return make


def test_two_files_that_are_one_model(pair, tmp_path):
    report = tmp_path / "report.json"
    result = run(*pair(mlp(), mlp()), "--report", report, "-v")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("VERIFIED")
    assert "a.onnx" in result.stdout
    assert json.loads(report.read_text())["verdict"] == "VERIFIED"


@pytest.mark.parametrize(
    ("first", "second", "options", "code", "says"),
    [
        (single("Relu"), single("Abs"), [], 4, "first diverging value: %y of nn.relu"),
        (two_inputs(), two_inputs(("k", 1), ("x", 7)), ["--map", "x=k", "--map", "k=x"], 0, "VERIFIED"),
        (two_inputs(), two_inputs(("k", 1), ("x", 7)), [], 4, "the interfaces differ"),
        (noisy(), noisy(), [], 8, "random"),
        (single("Relu"), single("Relu"), ["--map", "x"], 2, "--map x is not of the form A=B"),
        (single("Relu"), single("Relu"), ["--layout", "x:a,b"], 2, "'a,b' is no list of axes"),
        (single("Relu"), single("Relu"), ["--output", "z"], 2, "z"),
    ],
)  # fmt: skip
def test_what_comes_of_a_pair(pair, first, second, options, code, says):
    result = run(*pair(first, second), *options)
    assert result.exit_code == code, result.output
    assert says in result.output


def test_layouts_that_no_size_tells(pair):
    first, second = image([1, 3, "h", "w"], transposed=False), image([1, 3, "h", "w"], transposed=True)
    result = run(*pair(first, second), "--layout", "x:0,2,3,1", "--layout", "y:0,2,3,1")
    assert result.exit_code == 0, result.output


def test_examples_come_from_files(pair, tmp_path):
    np.savez(tmp_path / "x.npz", x=np.ones((2, 4), np.float32))
    result = run(*pair(mlp(), mlp()), "--example", tmp_path / "x.npz")
    assert "example 0" in result.stdout


def test_figures_say_noise_and_what_is_excused():
    found = Comparison("y", "c", Verdict.VERIFIED, 0.5, 1e-7, 2e-7, (0,), "d", 101.25, 0.125)
    assert figures(found) == "error 1e-07, bound 2e-07, SQNR 101.2 dB, 12.50% excused (d)"
    bare = Comparison("y", "c", Verdict.VERIFIED, 0.5, 1e-7, 2e-7, (0,))
    assert figures(bare) == "error 1e-07, bound 2e-07"
