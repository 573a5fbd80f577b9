"""The folder of a finding: it shows the failure to whoever has the runtime, and its end once it is fixed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from interlingua.diagnosis.findings import folder as folders
from interlingua.diagnosis.findings.finding import Finding
from interlingua.diagnosis.findings.folder import Provenance, save_finding
from interlingua.diagnosis.findings.packed import pack
from interlingua.diagnosis.findings.signature import signature
from interlingua.diagnosis.observe import BackendSubject, PassSubject, Subject
from interlingua.errors import UsageError
from interlingua.plugins import plugins
from support.planted import Dying, Swap, Swapping
from support.text import parse

FROM = Provenance({"seed": 3}, "interlingua fuzz --to onnx --seed 3")
SUB = """interlingua 1
input "x" [3]
input "z" [3]
output "y" [3]
func @main(%x: {0}[3], %z: {0}[3]) {{
  %y = core.sub(%x, %z) : {0}[3]
  return %y as "y"
}}
"""


def found_in(subject: Subject, dtype: str = "f32") -> Finding:
    module = parse(SUB.format(dtype))
    kind = module.main.inputs[0].tensor.dtype.numpy
    inputs = {"x": np.array([1, 2, 3], kind), "z": np.array([3, 5, 7], kind)}
    seen = subject.observe(module, inputs)
    assert seen.verdict.failed
    return Finding(signature(subject.name, module, seen), seen.message, pack(module), inputs)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, folder / "repro.py"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("dtype", ["f32", "f64", "i64"])
def test_a_mismatch_is_shown_without_us_until_it_is_fixed(tmp_path: Path, dtype: str) -> None:
    subject = BackendSubject(Swapping())
    folder = save_finding(found_in(subject, dtype), subject, tmp_path, FROM)
    script = (folder / "repro.py").read_text(encoding="utf-8")
    assert len(script.splitlines()) < 60
    assert "import interlingua" not in script
    assert '# dependencies = ["numpy==' in script
    names = {"repro.py", "model.onnx", "module.il", "inputs.npz", "expected.npz", "actual.npz", "meta.json"}
    assert names <= {p.name for p in folder.iterdir()}
    about = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert about["signature"]["ops"] == ["core.sub"]
    assert (about["repro"], about["confirmed"], about["campaign"]["seed"]) == ("standalone", True, 3)

    wrong = run(folder)
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert "expected" in wrong.stdout
    assert "3 wrong" in wrong.stdout
    assert BackendSubject(plugins().backend("onnx")).build(parse(SUB.format(dtype)), folder / "model.onnx") is None
    fixed = run(folder)
    assert (fixed.returncode, fixed.stderr) == (0, ""), fixed.stdout


def test_a_runtime_that_refuses_is_shown_until_it_takes_the_model(tmp_path: Path) -> None:
    subject = BackendSubject(Dying())
    folder = save_finding(found_in(subject), subject, tmp_path, FROM)
    model = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(model[: len(model) // 2])
    assert run(folder).returncode == 1
    (folder / "model.onnx").write_bytes(model)
    assert run(folder).returncode == 0  # the runtime that died is the test's own


def test_values_that_numpy_has_no_file_for_take_interlingua(tmp_path: Path) -> None:
    subject = BackendSubject(Swapping())
    folder = save_finding(found_in(subject, "bf16"), subject, tmp_path, FROM)
    assert "replay" in (folder / "repro.py").read_text(encoding="utf-8")
    assert (folder / "inputs.bin").exists()
    assert run(folder).returncode == 1
    assert BackendSubject(plugins().backend("onnx")).build(parse(SUB.format("bf16")), folder / "model.onnx") is None
    assert run(folder).returncode == 0


def test_a_pass_that_this_installation_lacks_cannot_be_confirmed(tmp_path: Path) -> None:
    subject = PassSubject((Swap(),))
    folder = save_finding(found_in(subject), subject, tmp_path, FROM)
    about = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    assert (about["repro"], about["passes"], about["confirmed"]) == ("replay", ["swap"], False)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = PassSubject((Swap(),))
    finding = found_in(subject)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(folders, "script", fail)
    with pytest.raises(UsageError, match="the disk is full"):
        save_finding(finding, subject, tmp_path, FROM)
    assert list(tmp_path.iterdir()) == []


def test_an_older_folder_of_its_name_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    subject = PassSubject((Swap(),))
    finding = found_in(subject)
    folder = save_finding(finding, subject, tmp_path, FROM)
    (folder / "stale").touch()
    assert save_finding(finding, subject, tmp_path, FROM) == folder
    assert not (folder / "stale").exists()
    (folder / "meta.json").unlink()
    with pytest.raises(UsageError, match="is no finding"):
        save_finding(finding, subject, tmp_path, FROM)
