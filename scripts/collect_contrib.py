"""Collect the attributes of ONNX Runtime's own ops from the schemas of the installed package.

    python scripts/collect_contrib.py

writes ``src/frontends/onnx/translations/contrib/attributes.json``. An attribute that comes with a new version is to be
read about first, and translated or refused.
"""

from __future__ import annotations

import json
from pathlib import Path

from interlingua.frontends.onnx.translations import table
from interlingua.frontends.onnx.translations.contrib.table import DOMAIN

TARGET = Path(__file__).parents[1] / "src/frontends/onnx/translations/contrib/attributes.json"


def collect() -> dict[str, list[str]]:
    """By op that is translated: the attributes of its schema."""
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    wanted = {op for domain, op, _ in table().rows if domain == DOMAIN}
    schemas = (s for s in get_all_operator_schema() if s.domain == DOMAIN and s.name in wanted)
    return {s.name: sorted(s.attributes) for s in sorted(schemas, key=lambda s: str(s.name))}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(collect(), indent=1) + "\n")
