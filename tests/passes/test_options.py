"""Options of passes as text."""

from __future__ import annotations

import re

import pytest

from interlingua.errors import UsageError
from interlingua.passes.catalogue import PASSES
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.options import options_of, with_options
from interlingua.passes.pipeline import resolve

KNOWN = {p.name: p for p in PASSES}


def test_an_option_is_set_wherever_the_pass_runs() -> None:
    passes = with_options(resolve(["fold-constants", "simplify", "fold-constants"], KNOWN), ["fold-constants.limit=64"])
    assert [p for p in passes if isinstance(p, FoldConstants)] == [FoldConstants(limit=64)] * 2


def test_options_have_types() -> None:
    assert options_of(FoldConstants) == {"limit": int, "small": int}
    assert options_of(KNOWN["merge-transposes"]) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limit=64", "'limit=64' is no option of a pass"),
        ("fold-constants.limit", "'fold-constants.limit' is no option of a pass"),
        ("fold-constants.limit=many", "fold-constants.limit is a int, not 'many'"),
        ("fold-constants.size=1", "fold-constants has no option 'size'"),
        ("merge-transposes.only=x", "merge-transposes has no option 'only'"),
        ("polish.limit=1", "no pass here is called 'polish'"),
    ],
)
def test_nonsense_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        with_options(resolve("default", KNOWN), [text])
