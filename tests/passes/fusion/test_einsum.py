"""Einsum as matmul."""

import pytest

from interlingua.passes.fusion.einsum import Einsums
from support.passes import check, untouched
from support.text import body

SIZES = {"a": "2", "b": "n", "h": "3", "i": "4", "j": "5", "d": "6", "e": "7", "k": "4"}


def einsum(equation: str, dots: str = "p, 3") -> str:
    """The equation on operands that fit it."""

    def dims(term: str) -> str:
        head, _, tail = term.partition("...")
        parts = [*(SIZES[c] for c in head), *([dots] if "..." in term else []), *(SIZES[c] for c in tail)]
        return ", ".join(parts)

    terms, _, output = equation.partition("->")
    inputs = ", ".join(f"%x{i}: f32[{dims(t)}]" for i, t in enumerate(terms.split(",")))
    names = ", ".join(f"%x{i}" for i in range(len(terms.split(","))))
    return body(f'%y = nn.einsum({names}) {{equation = "{equation}"}} : f32[{dims(output)}]', inputs)


@pytest.mark.parametrize(
    ("equation", "ops"),
    [
        ("ij,jd->id", ["core.matmul"]),
        ("bij,bjd->bid", ["core.matmul"]),
        ("bhid,bhjd->bhij", ["core.transpose", "core.matmul"]),
        ("bhij,bhjd->bhid", ["core.matmul"]),
        ("bihd,bjhd->bhij", ["core.transpose", "core.transpose", "core.matmul"]),
        ("bhij,bjhd->bihd", ["core.transpose", "core.matmul", "core.transpose"]),
        ("bhid,bhjd->bhji", ["core.transpose", "core.matmul"]),
        ("bhid,de->bhie", ["core.matmul"]),
        ("bhid,ed->bhie", ["core.transpose", "core.matmul"]),
        ("de,bhid->bhie", ["core.matmul"]),
        ("jd,bhde->bhje", ["core.matmul"]),
        ("bhde,jd->bhje", ["core.matmul"]),
        ("...ij,...jd->...id", ["core.matmul"]),
        ("...id,de->...ie", ["core.matmul"]),
    ],
)
def test_what_is_a_product_of_matrices(equation: str, ops: list[str]) -> None:
    after = check(Einsums(), einsum(equation), None)
    found = [n.op.name for n in after.walk() if n.operands]
    assert sorted(found) == sorted(ops)


@pytest.mark.parametrize(
    "equation",
    [
        "bhwc,hkc->bhwk".replace("w", "i").replace("c", "d").replace("k", "e"),  # rows of two axes, batches of one
        "bij,bij->b",  # two axes summed
        "i,j->ij",  # none
        "ii,id->d",  # a diagonal
        "ij,jd->d",  # rows summed
        "ij,jd->i",  # columns summed
        "bi,bi->bi",
        "ij,j->i",  # no columns
        "bijd->bji",
        "ij,jd,de->ie",
        "aij,ajd,a->aid",
    ],
)
def test_what_is_none_is_left(equation: str) -> None:
    untouched(Einsums(), einsum(equation))


def test_dots_broadcast_from_the_right() -> None:
    text = einsum("...ij,...jd->...id").replace("%x1: f32[p, 3, 5, 6]", "%x1: f32[p, 1, 5, 6]")
    check(Einsums(), text, None)
    untouched(Einsums(), text.replace("%x1: f32[p, 1, 5, 6]", "%x1: f32[3, 5, 6]"))
