"""``interlingua optimize``."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import onnx
import pytest
from typer.testing import CliRunner

import interlingua
from interlingua.cli.app import app
from interlingua.cli.outcome import Exit
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.unary import Neg
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.plugins import Plugins, plugins
from support.models import mlp
from support.text import body, parse

TEXT = body(
    """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %b = core.transpose(%a) {perm = [1, 2, 0]} : f32[3, n, m]
    %c = core.neg(%b) : f32[3, n, m]
    %d = core.neg(%c) : f32[3, n, m]
    %y = core.transpose(%d) {perm = [1, 2, 0]} : f32[n, m, 3]""",
    "%x: f32[n, m, 3]",
)


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.il"
    interlingua.save(parse(TEXT), path)
    return path


def ops(path: Path) -> list[str]:
    return [n.op.name for n in interlingua.load(path).walk()]


def test_the_archive_form_is_written(source, tmp_path):
    out = tmp_path / "out.il"
    result = run("optimize", source, "-o", out, "--pass", "merge-transposes")
    assert result.exit_code == Exit.OK, result.output
    assert ops(out) == ["core.transpose", "core.neg", "core.neg", "core.transpose"]


def test_another_ending_is_converted_with_evidence(tmp_path):
    onnx.save(mlp(), tmp_path / "m.onnx")
    result = run("optimize", tmp_path / "m.onnx", "-o", tmp_path / "out.onnx")
    assert result.exit_code == Exit.OK, result.output
    assert "VERIFIED" in result.stdout
    assert (tmp_path / "out.onnx").is_file()
    assert run("optimize", tmp_path / "m.onnx", "-o", tmp_path / "m.onnx").exit_code == Exit.USAGE


def test_rules_are_left_out(source, tmp_path):
    out = tmp_path / "out.il"
    options = ["--pass", "merge-transposes", "--skip", "merge-transposes"]
    assert run("optimize", source, "-o", out, *options).exit_code == Exit.OK
    assert ops(out) == ops(source)


def test_printing(source):
    result = run("optimize", source, "--pass", "merge-transposes,minimal", "--print-before", "merge-transposes")
    assert result.stdout.startswith("// before merge-transposes\ninterlingua 1\n")
    assert result.stdout.count("// ") == 1
    result = run("optimize", source, "--pass", "merge-transposes,minimal", "--print")
    assert [line for line in result.stdout.splitlines() if line.startswith("//")] == [
        "// after merge-transposes",
        "// after eliminate-dead-code",
    ]


def test_timing(source):
    result = run("optimize", source, "--pass", "merge-transposes", "--timing")
    assert "merge-transposes" in result.stdout
    assert "1 applied" in result.stdout


def test_a_log_is_replayed(source, tmp_path):
    log, first, again = tmp_path / "log.json", tmp_path / "a.il", tmp_path / "b.il"
    assert run("optimize", source, "-o", first, "--pass", "merge-transposes", "--log", log).exit_code == Exit.OK
    assert len(json.loads(log.read_text())["steps"]) == 1
    assert run("optimize", source, "-o", again, "--replay", log).exit_code == Exit.OK
    assert first.read_bytes() == again.read_bytes()
    assert run("optimize", source, "-o", again, "--replay", log, "--upto", 0).exit_code == Exit.OK
    assert ops(again) == ops(source)
    assert run("optimize", first, "--replay", log).exit_code == Exit.OTHER


def test_checked(source, tmp_path):
    report = tmp_path / "report.json"
    result = run("optimize", source, "--pass", "merge-transposes", "--checked", "--report", report)
    assert result.exit_code == Exit.OK, result.output
    assert "1 obligation(s), 1 discharged (100.0%)" in result.stdout
    assert json.loads(report.read_text())["checked"]["means"] == {"movement at several sizes": 1}


@rule(OpPattern(Neg, OpPattern(Neg, Var("x"))))
def negations(m: Match, b: Builder) -> Value:
    """Wrong: two negations are none."""
    return b(Neg(), m["x"])


@dataclass(frozen=True, slots=True)
class Planted(RulePass):
    """Exact, it says."""

    name: ClassVar[str] = "planted"
    rules: ClassVar[tuple[Rule, ...]] = (negations,)


def test_a_broken_obligation(source, tmp_path, monkeypatch):
    monkeypatch.setattr(Plugins, "passes", {**plugins().passes, "planted": Planted})
    folder = tmp_path / "broken"
    out = tmp_path / "out.il"
    result = run("optimize", source, "-o", out, "--pass", "planted", "--checked", "--findings", folder)
    assert result.exit_code == Exit.MISMATCH
    assert "negations of planted is not exact: core.neg %d + core.neg %c became core.neg %d" in result.stderr
    assert not out.exists()
    (found,) = folder.iterdir()
    assert str(found) in result.stderr
    done = subprocess.run([sys.executable, found / "repro.py"], capture_output=True, check=False)
    assert done.returncode == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--pass", "nothing"],
        ["--only", "nothing"],
        ["--option", "fold-constants.limit=many"],
        ["--print-after", "nothing"],
        ["--replay", "missing.json"],
        ["--upto", "3"],
        ["--replay", "x.json", "--checked"],
        ["--example", "missing.npz"],
    ],
)
def test_usage(source, options):
    result = run("optimize", source, *options)
    assert result.exit_code == Exit.USAGE, result.output


def test_help_comes_at_once():
    code = "import sys; from interlingua.cli.app import app; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
