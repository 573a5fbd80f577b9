"""Shapes read off the earliest value that has them."""

from interlingua.passes.cleanup.shapes import Shapes
from support.passes import check, untouched
from support.text import body


def test_the_shape_of_what_an_op_keeps() -> None:
    text = body("%a = core.exp(%x) : f32[n]\n%b = nn.relu(%a) : f32[n]\n%y = core.shape_of(%b) : i64[1]")
    check(Shapes(), text, ["%y = core.shape_of(%x) : i64[1]"])


def test_another_shape_stays() -> None:
    text = "%a = core.transpose(%x) {perm = [1, 0]} : f32[m, n]\n%y = core.shape_of(%a) : i64[2]"
    untouched(Shapes(), body(text, "%x: f32[n, m]"))
