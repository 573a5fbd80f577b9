"""The folder of a broken obligation: a rewrite, and values on which it changes what is computed.

::

    merge-transposes-1a2b3c4d5e/
        repro.py            prints what was and what is; exits 1 while they differ, 0 once the rule is right
        before.il           the window as it was, with before.safetensors
        after.il            what the rule made of it
        inputs.npz          of both
        meta.json           the rule, its pass and contract, the nodes, versions
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.diagnosis.findings.folder import META, REPRO, fails, put, write_values
from interlingua.diagnosis.findings.replay import read_values
from interlingua.diagnosis.findings.repro import head
from interlingua.diagnosis.findings.versions import versions
from interlingua.driver import load
from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.judge import judge
from interlingua.errors import InterlinguaError, UsageError
from interlingua.ir.archive import save_archive
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.obligations.evaluation import compared
from interlingua.obligations.ledger import Broken
from interlingua.passes.base import Contract, Pass
from interlingua.passes.pipeline import resolve, run_passes, select
from interlingua.plugins import plugins

_SCRIPT = """\
import sys
from pathlib import Path

from interlingua.diagnosis.findings.obligation import replay

sys.exit(replay(Path(__file__).resolve().parent))
"""


def save_obligation(broken: Broken, parent: Path) -> Path:
    """Write the folder of a broken obligation into ``parent``, whole or not at all; an older one is replaced.

    Raises:
        UsageError: it cannot be written.
    """
    owed = broken.obligation
    key = hashlib.sha256(f"{owed.cause}\n{broken.sides.before}\n{broken.sides.after}".encode()).hexdigest()[:10]
    final = parent / f"{owed.cause}-{key}"
    return put(final, lambda staged: _fill(staged, broken))


def _fill(folder: Path, broken: Broken) -> None:
    owed = broken.obligation
    save_archive(broken.sides.before, folder / "before.il")
    save_archive(broken.sides.after, folder / "after.il")
    write_values(folder, "inputs", broken.inputs)
    title = f"{owed.cause} of {owed.within} is not {owed.contract}"
    about: dict[str, Any] = {
        "title": title,
        "what": str(broken),
        "obligation": owed.to_dict(),
        "case": broken.case,
        "versions": {**versions(), "python": platform.python_version()},
        "again": True,
    }
    (folder / REPRO).write_text(head(("interlingua",), title) + _SCRIPT, encoding="utf-8")
    for again in (True, False):  # a rule may rely on what is not in the window: then what it made is shown
        about["again"] = again
        _write(folder, about)
        about["confirmed"] = fails(folder)
        if about["confirmed"]:
            break
    _write(folder, about)


def _write(folder: Path, about: Mapping[str, Any]) -> None:
    (folder / META).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def replay(folder: Path) -> int:
    """Print what the window in ``folder`` comes to before and after; 1 where that breaks the contract, 2 where it
    cannot be told, else 0.

    The rule is applied again, where it applies to the window by itself; else what it made is what is there.
    """
    about = json.loads((folder / META).read_text(encoding="utf-8"))
    owed = about["obligation"]
    inputs, before = read_values(folder, "inputs"), load(folder / "before.il")
    try:
        after = _again(before, owed["within"], owed["cause"]) if about["again"] else load(folder / "after.il")
        return _judged(before, after, inputs, owed["contract"])
    except UsageError as error:  # the rule is not installed here
        print(error)
        return 2
    except InterlinguaError as error:
        print(error)
        return 1


def _again(before: Module, within: str, cause: str) -> Module:
    copy = clone_module(before)
    chosen: list[Pass] = resolve(within, plugins().passes)
    run_passes(copy, select(chosen, only=[cause]), verify=True)
    return copy


def _judged(before: Module, after: Module, inputs: Mapping[str, Any], contract: Contract) -> int:
    print(f"before: {Interpreter(before).run(inputs)}")
    print(f"after: {Interpreter(after).run(inputs)}")
    wanted = expect_exactly(before, inputs) if contract == "exact" else expect(before, inputs, numbers=True)
    if len(wanted.outputs) == 1:
        found = [compared(wanted, after, inputs, contract, "inputs")]
    else:
        found = judge(wanted, Interpreter(after).run(inputs), "inputs")
    for comparison in found:
        print(comparison.verdict.value, comparison.output, comparison.detail)
    return 0 if all(c.passed for c in found) else 1
