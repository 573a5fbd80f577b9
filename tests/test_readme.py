"""What the README shows is what happens. Numbers may differ from machine to machine, all else may not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from typer.testing import CliRunner

from interlingua.cli.app import app
from support.models import info, model

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark):
    """The fenced block under a mark, and the one after that."""
    found = re.search(
        rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)```\n(?:\n```text\n(.*?)```)?", README, re.DOTALL
    )
    assert found, f"the README has no block {mark!r}"
    return found.groups()


def masked(text):
    return [re.sub(r"\d[\d.e+-]*", "#", line.rstrip()) for line in text.strip().splitlines()]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "src").symlink_to(ROOT / "src", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_example(checkout):
    code, shown = block("example")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert masked(done.stdout) == masked(shown)


def test_the_example_of_pytorch(checkout):
    code, shown = block("pytorch")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert masked(done.stdout) == masked(shown)


def test_the_shell_session(checkout):
    session, _ = block("session")
    for part in session.split("$ ")[1:]:
        command, _, shown = part.partition("\n")
        program, *arguments = command.split()
        result = CliRunner().invoke(app, arguments)
        assert program == "interlingua"
        assert result.exit_code == 0, result.output
        assert masked(result.stdout) == masked(shown), command


def test_the_backend(tmp_path):
    code, _ = block("plugin: calculator.py")
    (tmp_path / "calculator.py").write_text(code)
    described = tmp_path / "calculator-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: calculator\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[interlingua]\ncalculator = calculator\n")
    nodes = [helper.make_node("Mul", ["x", "half"], ["h"]), helper.make_node("Add", ["h", "x"], ["y"])]
    weights = {"half": np.array([0.5], np.float32)}
    onnx.save(model(nodes, [info("x", ["n"])], [info("y", ["n"])], weights), tmp_path / "model.onnx")
    command = [sys.executable, "-m", "interlingua", "convert", "model.onnx", "-o", "model.calc"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERIFIED" in done.stdout
    assert "the calculator" in done.stdout


def test_ci_runs_the_commands_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text()
    for name in ("demo", "tests"):
        command, _ = block(f"command: {name}")
        assert command.startswith("python3 -m venv .venv && ")
        assert f'"$(readme_command {name})"' in script


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


@pytest.mark.parametrize("mark", ["support", "figures"])
def test_generated_parts_have_their_marks(mark):
    assert README.count(f"<!-- {mark} -->") == README.count(f"<!-- /{mark} -->") == 1
