"""``interlingua fuzz``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interlingua.cli.app import app
from interlingua.cli.outcome import Exit
from interlingua.diagnosis.fuzz import campaign as campaigns
from interlingua.diagnosis.fuzz.sources import source_of
from support.planted import PlantedPass


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "CASES", 20)


def test_sound_passes_end_with_0(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = CliRunner().invoke(app, ["fuzz", "--passes", "default", "--batches", "1", "--report", str(report)])
    assert done.exit_code == Exit.OK, done.output
    assert "0 new, 0 known" in done.output
    assert json.loads(report.read_text())["batches"] == 1


def test_findings_are_listed_with_their_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "source_of", lambda *_: PlantedPass(("swap",)))
    command = ["fuzz", "--passes", "swap", "--batches", "2", "--seed", "7", "--no-reduce", "-o", str(tmp_path), "-v"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == Exit.MISMATCH, done.output
    assert "MISMATCH in swap (run)" in done.output
    (first, *_) = tmp_path.iterdir()
    assert first.name in done.output


def test_nothing_to_look_at_is_a_usage_error() -> None:
    done = CliRunner().invoke(app, ["fuzz", "--batches", "1"])
    assert done.exit_code == Exit.USAGE
    assert "name a backend or passes" in done.output


def test_the_command_that_repeats_a_finding_names_the_subject() -> None:
    assert source_of("onnx", ("default",), True).options() == "--to onnx --passes default"
    assert source_of(None, ("default", "none"), True).options() == "--passes default --passes none"
