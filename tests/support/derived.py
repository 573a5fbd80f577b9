"""Outputs held against a module by the bounds that follow from it: nobody chooses a tolerance."""

from collections.abc import Mapping
from typing import Any

from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.ir.graph import Module
from interlingua.report import Verdict
from interlingua.runtimes.litert import NUMERICS
from interlingua.runtimes.numerics import Numerics


def check_derived(
    module: Module, inputs: Mapping[str, Any], outputs: Mapping[str, Any], numerics: Numerics = NUMERICS
) -> None:
    """The outputs are what a correct runtime with these numerics gives, and nothing about them is open."""
    for comparison in judge(expect(module, inputs, numerics), outputs, ""):
        assert comparison.verdict is Verdict.VERIFIED, str(comparison)
        assert not comparison.excused, str(comparison)
