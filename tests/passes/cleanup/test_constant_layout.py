"""Constants laid out otherwise."""

import pytest

import interlingua
from interlingua.passes.cleanup.constant_layout import ConstantLayout
from support.passes import check, untouched
from support.text import body, parse

W = "%w = core.constant dense f32[2, 3] [1.0, -0.0, 3.0, 4.0, 5.0, inf] : f32[2, 3]\n"


@pytest.mark.parametrize(
    ("lines", "shape"),
    [
        ("%k = nn.expand_dims(%w) {axes = [0, 3]} : f32[1, 2, 3, 1]", "1, 2, 3, 1"),
        ("%k = core.transpose(%w) {perm = [1, 0]} : f32[3, 2]", "3, 2"),
        (
            "%t = core.transpose(%w) {perm = [1, 0]} : f32[3, 2]\n%k = core.transpose(%t) {perm = [1, 0]} : f32[2, 3]",
            "2, 3",
        ),
        ("%k = nn.flatten(%w) {axis = 0} : f32[1, 6]", "1, 6"),
        (
            "%i = core.constant dense i64[2] [3, -1] : i64[2]\n%t = core.transpose(%w) {perm = [1, 0]} : f32[3, 2]\n"
            "%r = core.reshape(%t, %i) : f32[3, 2]\n%k = nn.squeeze(%s) {axes = [0]} : f32[3, 2]".replace(
                "%k", "%s = nn.expand_dims(%r) {axes = [0]} : f32[1, 3, 2]\n%k"
            ),
            "3, 2",
        ),
    ],
)
def test_a_constant_stays_a_constant(lines: str, shape: str) -> None:
    text = body(f"{W}{lines}\n%y = core.mul(%x, %k) : f32[{shape}]", f"%x: f32[{shape}]")
    after = check(ConstantLayout(), text, None)
    assert [n.op.name for n in after.walk() if n.operands] == ["core.mul"]


def test_other_readers_keep_the_constant_as_it_was() -> None:
    text = body(
        f"{W}%k = core.transpose(%w) {{perm = [1, 0]}} : f32[3, 2]\n%y = core.matmul(%w, %k) : f32[2, 2]", "%x: f32[]"
    )
    after = interlingua.optimize(parse(text), ConstantLayout())
    (product,) = [n for n in after.walk() if n.operands]
    assert [str(o.type) for o in product.operands if o is not None] == ["f32[2, 3]", "f32[3, 2]"]


def test_what_is_computed_is_moved_at_run_time() -> None:
    untouched(ConstantLayout(), body("%y = core.transpose(%x) {perm = [1, 0]} : f32[m, n]", "%x: f32[n, m]"))


def test_a_shape_that_only_the_run_knows_stays() -> None:
    lines = f"{W}%y = core.reshape(%w, %s) : f32[u0, u1]"
    untouched(ConstantLayout(), body(lines, "%s: i64[2]"))
