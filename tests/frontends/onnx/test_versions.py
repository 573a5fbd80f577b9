"""Every version of every op of ONNX's default domain: translated, and tried.

ONNX's node cases hold the newest version of each op. Here each of them is tried as older (and newer) opsets would have
written it, with the same expected outputs. What older versions meant otherwise is in ``support.versions``, judged
against ONNX Runtime.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import onnx
import pytest

import interlingua
from interlingua.equivalence.models import ModelJudge
from interlingua.errors import InterlinguaError, UnsupportedOps
from interlingua.frontends.onnx.translations import table
from interlingua.runtimes.onnxruntime import NUMERICS, open_model
from support.node_cases import agree, array, node_cases
from support.restamp import Inexpressible, restamp, version_of, versions
from support.versions import DRAWN, ROWS, Drawn, Row

NEWEST = 28
UNTRANSLATED: dict[str, str] = {}
"""Ops without a translation, and why."""
UNTRIED: dict[tuple[str, int], str] = {}
"""Versions that nothing here tries, and why."""
DRAWS = ("Bernoulli", "Dropout", "Multinomial", "RandomNormalLike", "RandomUniformLike")
ENOUGH = 2
"""Cases a version."""


def schemas():
    """Op and version of all schemas of the default domain."""
    found = {(s.name, s.since_version) for s in onnx.defs.get_all_schemas_with_history() if s.domain == ""}
    return {(op, version) for op, version in found if version <= NEWEST}


def test_every_version_has_a_translation_or_a_reason():
    lacking = {f"{op} {v}" for op, v in schemas() if op not in UNTRANSLATED and table().find("", op, v) is None}
    assert lacking == set()
    translated = {op for op, v in schemas() if table().find("", op, v) is not None}
    assert UNTRANSLATED.keys() & translated == set()


@dataclass
class Sweep:
    """Which versions gave what their cases expect, how often, and what went wrong."""

    right: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)

    def take(self, case) -> None:
        """A case in every opset but its own (which the node cases try) that says something new."""
        own = next((o.version for o in case.model.opset_import if o.domain == ""), None)
        if own is None or len(case.model.opset_import) > 1:
            return
        used = versions(case.model)
        if any(op in DRAWS for op, _ in used):
            return
        self.right.update(used)
        for opset in (*range(own - 1, 0, -1), *range(own + 1, NEWEST + 1)):
            try:
                stamped = {(op, version_of(op, opset).since_version) for op, _ in used}
                if any(self.right[key] < ENOUGH for key in stamped):
                    self.run(case, opset, stamped)
            except Inexpressible:
                continue

    def run(self, case, opset, stamped) -> None:
        inputs, outputs = case.data_sets[0]
        fed = {i.name: array(v) for i, v in zip(case.model.graph.input, inputs, strict=True)}
        model, gone = restamp(case.model, opset, fed)
        try:
            found = results(model, {k: v for k, v in fed.items() if k not in gone})
        except UnsupportedOps:
            return
        except InterlinguaError as error:
            self.wrong.append(f"{case.name} in opset {opset}: {error}")
            return
        want = [array(w) for w in outputs]
        if all(agree(got, w, case) for got, w in zip(found, want, strict=True)):
            self.right.update(stamped)
        elif all(agree(got, w, case) for got, w in zip(results(case.model, fed), want, strict=True)):
            self.wrong.append(f"{case.name} in opset {opset}: other values")


def results(model, inputs):
    return list(interlingua.evaluate(interlingua.load(model), inputs).values())


@pytest.fixture(scope="module")
def sweep():
    found = Sweep()
    for case in node_cases():
        found.take(case)
    return found


def test_a_case_holds_in_every_opset_that_can_say_it(sweep):
    assert sweep.wrong == []


def test_every_version_is_tried(sweep):
    rows = {(row.op, version) for row in (*ROWS, *(d.row for d in DRAWN)) for version in row.versions}
    tried = rows | sweep.right.keys()
    assert {f"{op} {v}" for op, v in schemas() - tried - UNTRIED.keys() if op not in UNTRANSLATED} == set()
    assert UNTRIED.keys() & tried == set()


def named(rows):
    return [pytest.param(r, v, id=f"{r.op}-{v}-{i}") for i, r in enumerate(rows) for v in r.versions]


@pytest.mark.parametrize(("row", "version"), named(ROWS))
def test_what_a_version_meant(row: Row, version: int, tmp_path):
    module = interlingua.load(row.model(version))
    path = tmp_path / "witness.onnx"
    onnx.save(row.witness(version), path)
    want = open_model(str(path), optimize=False)(row.inputs())
    got = interlingua.evaluate(module, row.inputs())
    assert [c for c in ModelJudge(module, NUMERICS).judge(row.inputs(), want, got, "case") if not c.passed] == []


@pytest.mark.parametrize(
    ("drawn", "version"), [pytest.param(d, v, id=f"{d.row.op}-{v}") for d in DRAWN for v in d.row.versions]
)
def test_what_is_drawn(drawn: Drawn, version: int):
    module = interlingua.load(drawn.row.model(version))
    assert any("random" in node.op.effects for node in module.walk())
    y = interlingua.evaluate(module, drawn.row.inputs())["y0"]
    assert y.dtype == np.dtype(drawn.row.result)
    assert y.size == 2000
    assert np.all((y >= np.float32(drawn.low)) & (y <= np.float32(drawn.high)))
    for got, expected in ((y.mean(), drawn.mean), (y.std(), drawn.deviation)):
        assert abs(float(got) - expected) < 6 * drawn.deviation / y.size**0.5
