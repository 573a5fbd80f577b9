"""The folder of a finding: everything that somebody else needs to see it fail.

::

    mismatch-pad-max_pool-1a2b3c4d5e/
        repro.py            prints expected and actual; exits 1 while it fails, 0 once it is fixed
        model.onnx          the artifact, where it came so far
        module.il           the module, with module.safetensors
        inputs.npz, expected.npz, actual.npz
        meta.json           signature, versions, seed, the command that finds it again

Values that NumPy has no file for (bfloat16, sequences, strings) are in ``inputs.bin`` and the like, in the form that
runtimes are talked to.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.diagnosis.findings.finding import Finding
from interlingua.diagnosis.findings.repro import STANDALONE, Kind, script
from interlingua.diagnosis.findings.versions import versions
from interlingua.diagnosis.observe import BackendSubject, Observation, PassSubject, Subject
from interlingua.equivalence.expect import expect
from interlingua.equivalence.expectation import Expectation, Expected
from interlingua.errors import UsageError
from interlingua.ir.archive import save_archive
from interlingua.ir.graph import Module
from interlingua.runtimes import codec
from interlingua.runtimes.numpy import write_arrays

META = "meta.json"
REPRO = "repro.py"
SECONDS = 120.0
"""What a repro may take when it is tried."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a finding comes from, for ``meta.json``: the campaign's options and the command that repeats it."""

    options: Mapping[str, Any]
    command: str


def save_finding(finding: Finding, subject: Subject, parent: Path, provenance: Provenance) -> Path:
    """Write the folder of ``finding`` into ``parent``, whole or not at all; an older one of its name is replaced.

    Raises:
        UsageError: it cannot be written.
    """
    final = parent / finding.signature.folder
    return put(final, lambda staged: _fill(staged, finding, subject, provenance))


def put(final: Path, fill: Callable[[Path], None]) -> Path:
    """The folder of a finding, filled beside its place and then put there as a whole; one that is there is replaced.

    Raises:
        UsageError: it cannot be written, or something else is there.
    """
    parent = final.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".finding-", dir=parent, ignore_cleanup_errors=True) as name:
            staged = Path(name) / final.name
            staged.mkdir()
            fill(staged)
            if final.exists():
                if not (final / META).is_file():
                    raise UsageError(f"{final} is there and is no finding", hint="give another folder")
                shutil.rmtree(final)
            staged.replace(final)
    except OSError as error:
        raise UsageError(f"a finding cannot be written to {parent}: {error}", hint="give another folder") from error
    return final


def _fill(folder: Path, finding: Finding, subject: Subject, provenance: Provenance) -> None:
    module = finding.packed.module()
    save_archive(module, folder / "module.il")
    artifact = _artifact(subject, module, folder)
    seen = subject.observe(module, finding.inputs)
    expectation = seen.expected or _expectation(subject, module, finding.inputs, folder)
    plain = _write_values(folder, finding.inputs, seen, expectation)
    about: dict[str, Any] = {
        **finding.to_dict(),
        "title": finding.signature.title,
        "campaign": dict(provenance.options),
        "command": provenance.command,
        "backend": subject.backend.name if isinstance(subject, BackendSubject) else None,
        "passes": [p.title for p in subject.passes] if isinstance(subject, BackendSubject | PassSubject) else [],
        "target": repr(finding.target),
        "versions": {**versions(), "python": platform.python_version()},
    }
    _write_meta(folder, about)  # the script may read it
    standalone = plain and artifact is not None and artifact.suffix in STANDALONE
    kinds: tuple[Kind, ...] = ("standalone", "replay") if standalone else ("replay",)
    for kind in kinds:
        (folder / REPRO).write_text(script(kind, finding, artifact), encoding="utf-8")
        about |= {"repro": kind, "confirmed": fails(folder)}
        if about["confirmed"]:
            break
    _write_meta(folder, about)


def _write_meta(folder: Path, about: Mapping[str, Any]) -> None:
    (folder / META).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _artifact(subject: Subject, module: Module, folder: Path) -> Path | None:
    """The artifact in the folder, where the subject makes one and it comes so far."""
    if not isinstance(subject, BackendSubject):
        return None
    path = folder / f"model{subject.backend.extension}"
    return path if subject.build(module, path) is None and path.exists() else None


def _expectation(subject: Subject, module: Module, inputs: Mapping[str, Any], folder: Path) -> Expectation | None:
    """What a runtime that does its work would be held against."""
    if not isinstance(subject, BackendSubject):
        return None
    return expect(module, inputs, subject.backend.runner(folder).numerics)


def _write_values(folder: Path, inputs: Mapping[str, Any], seen: Observation, expectation: Expectation | None) -> bool:
    """Write inputs, expected and actual outputs; whether NumPy's files can hold them all."""
    expected = None if expectation is None else _expected_arrays(expectation)
    values = {"inputs": inputs, "expected": expected, "actual": seen.outputs}
    plain = expected is not None
    for name, found in values.items():
        if found is None:
            continue
        plain = plain and all(is_plain(v) for v in found.values())
        write_values(folder, name, found)
    return plain


def _expected_arrays(expectation: Expectation) -> dict[str, Any] | None:
    """Of each output the value, the error by element, its root mean square, and whether the sign of zeros counts;
    ``None`` where an output is no tensor."""
    found: dict[str, Any] = {}
    for name, want in expectation.outputs.items():
        if not isinstance(want, Expected) or want.fluid:
            return None
        error = np.zeros(want.value.shape) if want.error is None else np.broadcast_to(want.error, want.value.shape)
        found |= {name: want.value, f"{name} error": error, f"{name} rms": np.float64(want.rms)}
        found |= {f"{name} signed": np.bool_(want.signed), f"{name} dtype": np.zeros(0, want.dtype.numpy)}
    return found


def write_values(folder: Path, name: str, values: Mapping[str, Any]) -> None:
    """Write values in the form that NumPy reads, or else in that of the runners; ``read_values`` finds either."""
    if all(is_plain(v) for v in values.values()):
        write_arrays(folder / f"{name}.npz", values)
    else:
        codec.write(folder / f"{name}.bin", values)


def is_plain(value: Any) -> bool:
    """Whether NumPy's files hold it: numbers that NumPy itself knows."""
    return isinstance(value, np.ndarray | np.generic) and value.dtype.isbuiltin == 1 and value.dtype.kind in "biufc"


def fails(folder: Path) -> bool:
    """Whether the repro, run as anybody would, exits with 1."""
    try:
        command = [sys.executable, str(folder / REPRO)]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, env={**os.environ}, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 1 and b"Traceback" not in done.stderr
