"""Entries match what they say and nothing else, and count no more once they have expired."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interlingua.equivalence import known_issues as subject
from interlingua.equivalence.known_issues import Facts, Issue, KnownIssues, NodePattern, known_issues
from interlingua.errors import UsageError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.softmax import Hardmax, Softmax
from interlingua.ir.ops.unary import Exp, Neg
from interlingua.ir.types import Tensor
from interlingua.report import Verdict

TODAY = date(2026, 1, 1)
RUNTIMES = sorted(p.stem for p in subject.FOLDER.glob("*.toml"))


def chain(*ops: Any, dtype: DType = DType.F32) -> Module:
    b = Builder(Graph("main"))
    made = Module({"main": b.graph})
    value = b.input(Tensor(dtype, (2, 3)), "x")
    for op in ops:
        value = b.add(op, value)
    b.outputs([value], ["y"])
    made.inputs, made.outputs = [Port("x", (2, 3))], [Port("y", (2, 3))]
    return made


def issue(*nodes: NodePattern, **given: Any) -> Issue:
    plain = {"id": "a", "reason": "r", "link": "not reported yet", "expires": TODAY, "verdicts": {Verdict.MISMATCH}}
    return Issue(**{**plain, **given}, nodes=nodes)


def facts(module: Module, **given: Any) -> Facts:
    return Facts(module, **{"verdict": Verdict.MISMATCH, **given})


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_entry_is_well_formed_and_counts_still(runtime: str) -> None:
    known = known_issues(runtime)
    assert len({i.id for i in known.issues}) == len(known.issues)
    assert [i.id for i in known.expired()] == []
    for each in known.issues:
        assert each.reason and re.fullmatch(r"not reported yet|https://github\.com/[\w./-]+/\d+", each.link), each.id
        re.compile(each.message)


def test_a_chain_is_met_only_in_its_order() -> None:
    known = KnownIssues([issue(NodePattern("nn.relu"), NodePattern("core.e*"))], TODAY)
    assert known.match(facts(chain(Relu(), Exp()))) is not None
    assert known.match(facts(chain(Exp(), Relu()))) is None
    assert known.match(facts(chain(Relu(), Relu()))) is None


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        (NodePattern("nn.softmax", attributes={"axis": -1}), True),
        (NodePattern("nn.softmax", attributes={"axis": [0, -1]}), True),
        (NodePattern("nn.softmax", attributes={"axis": {"not": -1}}), False),
        (NodePattern("nn.softmax", attributes={"axis": {"min": 0}}), False),
        (NodePattern("nn.softmax", attributes={"no_such": 1}), False),
        (NodePattern("nn.softmax", dtypes=frozenset({DType.F32})), True),
        (NodePattern("nn.softmax", dtypes=frozenset({DType.F16})), False),
        (NodePattern("nn.softmax", ranks=frozenset({2})), True),
        (NodePattern("nn.softmax", ranks=frozenset({4})), False),
    ],
)
def test_conditions_on_a_node(pattern: NodePattern, met: bool) -> None:
    found = KnownIssues([issue(pattern)], TODAY).match(facts(chain(Softmax(-1))))
    assert (found is not None) == met


@pytest.mark.parametrize(
    ("given", "fact", "met"),
    [
        ({"optimized": True}, {"optimized": False}, False),
        ({"optimized": True}, {"optimized": True}, True),
        ({"versions": ("1.17", "1.32")}, {"version": "1.31.9"}, True),
        ({"versions": ("1.17", "1.32")}, {"version": "1.32.0"}, False),
        ({"versions": ("1.17", "")}, {"version": "1.9.0"}, False),
        ({"message": "is not nan"}, {"message": "0.0 is not nan"}, True),
        ({"message": "is not nan"}, {"message": "beyond the bound"}, False),
        ({"avoided": "it is decomposed"}, {"cautious": True}, False),
        ({"avoided": "it is decomposed"}, {"cautious": False}, True),
        ({}, {"verdict": Verdict.CRASH}, False),
    ],
)
def test_conditions_on_a_run(given: dict[str, Any], fact: dict[str, Any], met: bool) -> None:
    known = KnownIssues([issue(NodePattern("nn.hardmax"), **given)], TODAY)
    assert (known.match(facts(chain(Hardmax(-1)), **fact)) is not None) == met


@pytest.mark.parametrize(
    ("ops", "dtype", "values", "holds", "met"),
    [
        ((Exp(), Relu()), DType.F32, [np.nan, 1, 1], "nan", True),
        ((Exp(), Relu()), DType.F32, [1, 1, 1], "nan", False),
        ((Exp(), Relu()), DType.F32, [1000, 1, 1], "inf", True),  # only what exp makes of it is infinite
        ((Relu(), Exp()), DType.F32, [-np.inf, 1, 1], "inf", False),  # relu gives 0
        ((Neg(), Relu()), DType.F32, [1, 0, 1], "-0.0", True),
        ((Neg(),), DType.I32, [1, 0, 1], "0", True),
        ((Neg(),), DType.I32, [1, -(2**31), 1], "least", True),
        ((Neg(),), DType.I32, [1, -(2**31), 1], "overflow", True),
        ((Neg(),), DType.I32, [1, 2**31 - 1, 1], "overflow", False),
    ],
)
def test_what_a_node_computes_with(
    ops: tuple[Any, ...], dtype: DType, values: list[float], holds: str, met: bool
) -> None:
    pattern = NodePattern(ops[-1].name, holds=frozenset({holds}))
    inputs = {"x": np.array([values, [1, 1, 1]], dtype.numpy)}
    assert (KnownIssues([issue(pattern)], TODAY).match(facts(chain(*ops, dtype=dtype), values=inputs)) is None) != met


def test_what_the_reference_cannot_run_holds_nothing() -> None:
    known = KnownIssues([issue(NodePattern("nn.relu", holds=frozenset({"nan"})))], TODAY)
    assert known.match(facts(chain(Relu()), values={"no such input": np.array([np.nan])})) is None


def test_what_was_never_met_is_told() -> None:
    known = KnownIssues([issue(NodePattern("nn.relu")), issue(NodePattern("core.exp"), id="b")], TODAY)
    assert known.match(facts(chain(Relu()))) is not None
    assert [i.id for i in known.unmatched()] == ["b"]


def test_an_entry_that_has_expired_covers_nothing() -> None:
    known = KnownIssues([issue(NodePattern("nn.relu"))], TODAY + timedelta(days=1))
    assert known.match(facts(chain(Relu()))) is None
    assert [i.id for i in known.expired()] == ["a"]


def test_an_entry_that_is_not_well_formed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "FOLDER", tmp_path)
    (tmp_path / "some.toml").write_text('[[issue]]\nid = "x"\nverdicts = ["WRONG"]\nnode = []\n')
    (tmp_path / "other.toml").write_text('[[issue]]\nid = "y"\nverdicts = []\nnode = [{ op = "*", holds = ["2"] }]\n')
    with pytest.raises(UsageError, match="issue 'x' is not well formed"):
        known_issues("some")
    with pytest.raises(UsageError, match="nothing holds \\['2'\\]"):
        known_issues("other")
    assert known_issues("none of that name").issues == ()
