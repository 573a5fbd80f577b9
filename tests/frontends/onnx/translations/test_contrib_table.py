"""What is known of ONNX Runtime's own ops, beside the runtime that is installed."""

from __future__ import annotations

import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.frontends.onnx.translations import table
from interlingua.frontends.onnx.translations.contrib.table import DOMAIN, known_attributes
from support.contrib import Case, real


def test_no_attribute_of_the_installed_runtime_is_unknown():
    """A new one is to be read about, and translated or refused; then ``scripts/collect_contrib.py`` lists it."""
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    translated = {op for domain, op, _ in table().rows if domain == DOMAIN}
    assert translated == set(known_attributes())
    schemas = {s.name: set(s.attributes) for s in get_all_operator_schema() if s.domain == DOMAIN}
    assert {op for op in translated & set(schemas) if schemas[op] - set(known_attributes()[op])} == set()


def test_an_attribute_that_nobody_has_read_about_is_refused():
    with pytest.raises(UnsupportedOps, match="its attribute temperature"):
        interlingua.load(Case("Gelu", [real(3)], {"temperature": 2.0}).model())
