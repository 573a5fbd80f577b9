"""A finding seen again with Interlingua: for what takes more than a runtime and NumPy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.diagnosis.observe import BackendSubject, Observation, PassSubject, Subject
from interlingua.driver import load
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import RunnerError
from interlingua.ir.graph import Module
from interlingua.passes.pipeline import resolve
from interlingua.plugins import plugins
from interlingua.runtimes import codec
from interlingua.runtimes.numpy import read_arrays


def replay(folder: Path) -> int:
    """Print what is expected and what comes out of the finding in ``folder``; 1 where it fails, else 0.

    The artifact that is there is run; where there is none, the module goes through the subject again.
    """
    about = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    module: Module = load(folder / "module.il")
    inputs = read_values(folder, "inputs")
    artifact = next((p for p in sorted(folder.glob("model.*"))), None)
    if about["backend"] is not None and artifact is not None:
        return _run(about["backend"], artifact, module, inputs)
    passes = tuple(resolve(about["passes"], plugins().passes))
    subject: Subject = PassSubject(passes)
    if about["backend"] is not None:
        subject = BackendSubject(plugins().backend(about["backend"]), passes)
    seen: Observation = subject.observe(module, inputs)
    print(seen.verdict.value, seen.stage, seen.message)
    return 1 if seen.verdict.failed else 0


def read_values(folder: Path, name: str) -> dict[str, Any]:
    """The values called ``name`` in the folder of a finding."""
    plain = folder / f"{name}.npz"
    return read_arrays(plain) if plain.exists() else codec.read(folder / f"{name}.bin")


def _run(backend: str, artifact: Path, module: Module, inputs: Mapping[str, Any]) -> int:
    runner = plugins().backend(backend).runner(artifact)
    expected = expect(module, inputs, runner.numerics)
    try:
        (outcome,) = runner.run([inputs])
    except RunnerError as error:
        print(error)
        return 1
    if outcome.outputs is None:
        print(outcome.error)
        return 1
    wrong = 0
    for comparison in judge(expected, outcome.outputs, "inputs"):
        print(f"{comparison.verdict.value} {comparison.output}: {comparison.detail}")
        wrong += not comparison.passed
    return 1 if wrong else 0
