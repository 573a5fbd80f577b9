"""The demo and its model."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

import interlingua
from interlingua.cli.app import app
from interlingua.demo import IMAGES, MODEL, TARGETS, convert_digits
from interlingua.errors import UsageError
from interlingua.report import Verdict

EXPECTED = 98
"""Of the 100 packaged images; printed by ``scripts/train_digits.py`` when it wrote them."""


def test_the_model_is_small_and_its_batch_is_open():
    assert MODEL.stat().st_size <= 100_000
    dims = onnx.load(MODEL).graph.input[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in dims] == ["batch", 1, 8, 8]


def test_the_reference_classifies_as_training_did():
    with np.load(IMAGES) as packaged:
        images, labels = packaged["images"].astype(np.float32), packaged["labels"]
    found = interlingua.evaluate(interlingua.load(MODEL), [images])["probabilities"].argmax(1)
    assert (found == labels).sum() == EXPECTED


@pytest.mark.parametrize("to", TARGETS)
def test_each_artifact_is_verified_and_as_accurate(to, tmp_path):
    folder = tmp_path / "made" / "here"
    for _ in range(2):  # the second replaces the first
        shown = convert_digits(folder, to)
        assert shown.report.verdict is Verdict.VERIFIED
        assert (shown.images, shown.right) == (100, EXPECTED)
        assert shown.artifact.exists()


def test_the_command_shows_the_evidence(tmp_path):
    result = CliRunner().invoke(app, ["demo", "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("VERIFIED") == len(TARGETS)
    for word in ("reference: ONNX Runtime", "artifact in: NumPy", "batch=1; batch=2", "bound", "98 right"):
        assert word in result.stdout


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        convert_digits(tmp_path / "file", "onnx")
