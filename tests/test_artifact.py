"""Artifacts are put in place whole, or not at all; what else is there is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlingua.artifact import install, staging
from interlingua.errors import UsageError


def test_the_staging_folder_is_beside_the_output_and_goes_away(tmp_path: Path) -> None:
    with staging(tmp_path / "out.onnx") as folder:
        assert folder.parent == tmp_path
        (folder / "half").write_text("x")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError), staging(tmp_path / "out.onnx") as folder:
        (folder / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_without_an_output_it_is_a_temporary_one() -> None:
    with staging(None) as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_an_output_in_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"), staging(tmp_path / "none" / "out.onnx"):
        pass


def staged(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "staged"
    folder.mkdir()
    return folder / name


def test_a_file_and_those_beside_it_are_moved(tmp_path: Path) -> None:
    made = staged(tmp_path, "m.onnx")
    made.write_text("model")
    made.with_name("m.onnx.data").write_text("weights")
    (tmp_path / "m.onnx").write_text("old")
    (tmp_path / "other").write_text("kept")
    install(made, tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_text() == "model"
    assert (tmp_path / "m.onnx.data").read_text() == "weights"
    assert (tmp_path / "other").read_text() == "kept"
    assert list(made.parent.iterdir()) == []


def test_a_folder_takes_the_place_of_an_artifact_alone(tmp_path: Path) -> None:
    made = staged(tmp_path, "m")
    made.mkdir()
    (made / "model.py").write_text("new")
    output = tmp_path / "m"
    output.mkdir()
    (output / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds no artifact"):
        install(made, output)
    assert (output / "diary.txt").read_text() == "mine"
    (output / "model.py").write_text("old")
    install(made, output)
    assert [p.name for p in output.iterdir()] == ["model.py"]


def test_a_folder_and_a_file_do_not_replace_each_other(tmp_path: Path) -> None:
    made = staged(tmp_path, "m")
    made.mkdir()
    (tmp_path / "m").write_text("a file")
    with pytest.raises(UsageError, match="is a file"):
        install(made, tmp_path / "m")
    plain = tmp_path / "staged" / "n.onnx"
    plain.write_text("model")
    (tmp_path / "n.onnx").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        install(plain, tmp_path / "n.onnx")
