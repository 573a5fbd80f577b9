"""Products of matrices as gemm."""

import pytest

from interlingua.ir.graph import Module
from interlingua.passes.fusion.gemm import FuseGemm
from support.passes import check, untouched
from support.text import body


def ops(module: Module) -> list[str]:
    return [n.op.name for n in module.walk() if n.operands]


def added(c: str, dtype: str = "f32", lead: str = "") -> str:
    text = f"%p = core.matmul(%a, %b) : {dtype}[{lead}n, m]\n%y = core.add(%c, %p) : {dtype}[{lead}n, m]"
    return body(text, f"%a: {dtype}[{lead}n, k], %b: {dtype}[{lead}k, m], %c: {dtype}[{c}]")


@pytest.mark.parametrize("c", ["n, m", "m", "1, m", "n, 1", "1", "", "1, 1"])
@pytest.mark.parametrize("dtype", ["f32", "f16", "f64"])
def test_what_is_added_becomes_the_third_operand(c: str, dtype: str) -> None:
    wanted = "%y = nn.gemm(%a, %b, %c) {alpha = 1.0, beta = 1.0, trans_a = false, trans_b = false}"
    check(FuseGemm(), added(c, dtype), [f"{wanted} : {dtype}[n, m]"])


def test_a_stack_of_matrices_is_no_gemm() -> None:
    untouched(FuseGemm(), added("m", lead="l, "))


def test_vectors_are_no_matrices() -> None:
    text = "%p = core.matmul(%a, %b) : f32[m]\n%y = core.add(%p, %c) : f32[m]"
    untouched(FuseGemm(), body(text, "%a: f32[k], %b: f32[k, m], %c: f32[m]"))


def test_integers_are_left() -> None:
    untouched(FuseGemm(), added("m", "i32"))


@pytest.mark.parametrize(("c", "y"), [("l, n, m", "l, n, m"), ("2, m", "2, m"), ("l, 1, 1", "l, 1, m")])
def test_a_product_that_the_addition_makes_larger_is_left(c: str, y: str) -> None:
    rows = "1" if y != "l, n, m" else "n"
    text = f"%p = core.matmul(%a, %b) : f32[{rows}, m]\n%y = core.add(%p, %c) : f32[{y}]"
    untouched(FuseGemm(), body(text, f"%a: f32[{rows}, k], %b: f32[k, m], %c: f32[{c}]"))


def test_a_dim_that_may_be_one_or_not_is_left() -> None:
    """The rows of ``c`` may be those of the product, or the product's one row be repeated to them."""
    text = "%p = core.matmul(%a, %b) : f32[1, m]\n%y = core.add(%p, %c) : f32[q, m]"
    untouched(FuseGemm(), body(text, "%a: f32[1, k], %b: f32[k, m], %c: f32[q, m]"))


def test_a_product_that_others_read_stays() -> None:
    text = added("m").replace('return %y as "y"', 'return %y as "y", %p as "p"')
    untouched(FuseGemm(), text.replace('output "y" [*]', 'output "y" [*]\noutput "p" [*]'))


def test_gemm_without_a_third_operand_gets_one() -> None:
    op = "nn.gemm(%a, %b) {alpha = 2.0, beta = 3.0, trans_a = false, trans_b = false}"
    text = added("m").replace("core.matmul(%a, %b)", op)
    wanted = "%y = nn.gemm(%a, %b, %c) {alpha = 2.0, beta = 1.0, trans_a = false, trans_b = false} : f32[n, m]"
    check(FuseGemm(), text, [wanted])
    full = text.replace("(%a, %b)", "(%a, %b, %c)")
    untouched(FuseGemm(), full)


def turned(product: str, other: str = "") -> str:
    text = "%s = core.transpose(%a) {perm = [1, 0]} : f32[n, k]\n%t = core.transpose(%b) {perm = [1, 0]} : f32[k, m]\n"
    return body(f"{text}%y = {product} : f32[n, m]{other}", "%a: f32[k, n], %b: f32[m, k], %c: f32[m]")


def test_transposes_are_read_the_other_way_round() -> None:
    wanted = "%y = nn.gemm(%a, %b) {alpha = 1.0, beta = 1.0, trans_a = true, trans_b = true} : f32[n, m]"
    check(FuseGemm(), turned("core.matmul(%s, %t)"), [wanted])
    gemm = "nn.gemm(%s, %b, %c) {alpha = 0.5, beta = 2.0, trans_a = false, trans_b = true}"
    wanted = "%y = nn.gemm(%a, %b, %c) {alpha = 0.5, beta = 2.0, trans_a = true, trans_b = true} : f32[n, m]"
    after = check(
        FuseGemm(), turned(gemm).replace("  %t = core.transpose(%b) {perm = [1, 0]} : f32[k, m]\n", ""), [wanted]
    )
    assert ops(after) == ["nn.gemm"]


def test_two_transposes_undo_each_other() -> None:
    text = "%s = core.transpose(%a) {perm = [1, 0]} : f32[k, n]\n"
    text += "%y = nn.gemm(%s, %b) {alpha = 1.0, beta = 1.0, trans_a = true, trans_b = false} : f32[n, m]"
    wanted = "%y = nn.gemm(%a, %b) {alpha = 1.0, beta = 1.0, trans_a = false, trans_b = false} : f32[n, m]"
    check(FuseGemm(), body(text, "%a: f32[n, k], %b: f32[k, m]"), [wanted])


def test_a_transpose_that_others_read_stays_for_them() -> None:
    text = turned("core.matmul(%s, %t)").replace('return %y as "y"', 'return %y as "y", %s as "s"')
    after = check(FuseGemm(), text.replace('output "y" [*]', 'output "y" [*]\noutput "s" [*]'), None)
    assert ops(after) == ["core.transpose", "nn.gemm"]


def test_a_transpose_of_more_axes_is_left() -> None:
    text = "%s = core.transpose(%a) {perm = [0, 2, 1]} : f32[l, n, k]\n%y = core.matmul(%s, %b) : f32[l, n, m]"
    untouched(FuseGemm(), body(text, "%a: f32[l, k, n], %b: f32[k, m]"))
