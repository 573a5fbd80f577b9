"""Pads that add nothing, in a row, and before what pads by itself."""

import pytest

from interlingua.passes.cleanup.pads import Pads
from support.passes import check, lines, untouched
from support.text import body

IMAGE = "%x: f32[n, 2, 5, 6]"


def pad(result: str, x: str, amounts: str, value: str = "", mode: str = "constant") -> str:
    name, type_ = result.split(" ", 1)
    made = [
        f"%{name}p = core.constant dense i64[{len(amounts.split(','))}] [{amounts}] : i64[{len(amounts.split(','))}]"
    ]
    if value:
        dtype = type_.split("[")[0]
        made.append(f"%{name}v = core.constant dense {dtype}[] [{value}] : {dtype}[]")
    operands = f"%{x}, %{name}p" + (f", %{name}v" if value else "")
    return "\n".join([*made, f'%{name} = core.pad({operands}) {{mode = "{mode}"}} : {type_}'])


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
def test_by_nothing(mode: str) -> None:
    text = body(pad("a f32[n, 3]", "x", "0, 0, 0, 0", mode=mode) + "\n%y = core.neg(%a) : f32[n, 3]", "%x: f32[n, 3]")
    check(Pads(), text, ["%y = core.neg(%x) : f32[n, 3]"])


@pytest.mark.parametrize("value", ["", "1.5"])
def test_two_are_one(value: str) -> None:
    text = body(pad("a f32[n + 1]", "x", "1, 0", value) + "\n" + pad("y f32[n + 6]", "a", "2, 3", value))
    found = lines(check(Pads(), text, None))
    assert "%0 = core.constant dense i64[2] [3, 3] : i64[2]" in found
    assert len([line for line in found if "core.pad" in line]) == 1


@pytest.mark.parametrize(
    ("first", "then", "amounts"),
    [("0.0", "-0.0", ("1, 0", "2, 3")), ("1.0", "2.0", ("1, 0", "2, 3")), ("1.0", "1.0", ("1, 0", "-1, 3"))],
)
def test_another_value_or_a_cut_stays(first: str, then: str, amounts: tuple[str, str]) -> None:
    total = "n + 6" if amounts[1] == "2, 3" else "n + 3"
    untouched(
        Pads(), body(pad("a f32[n + 1]", "x", amounts[0], first) + "\n" + pad(f"y f32[{total}]", "a", amounts[1], then))
    )


def test_reflections_are_not_added() -> None:
    text = pad("a f32[n + 1]", "x", "1, 0", mode="reflect") + "\n" + pad("y f32[n + 6]", "a", "2, 3", mode="reflect")
    untouched(Pads(), body(text))


CONV = """
%w = core.constant dense f32[1, 2, 2, 2] [1.0, -1.0, 0.5, 2.0, 1.0, 3.0, -2.0, 1.0] : f32[1, 2, 2, 2]
%y = core.conv(%a, %w) {strides = [1, 1], pads = [1, 0, 0, 0], dilations = [1, 1], groups = 1, """
CONV += 'layout = "channels_first"} : '
AMOUNTS = "0, 0, 1, 2, 0, 0, 1, 0"


@pytest.mark.parametrize("value", ["", "0.0"])
def test_zeros_before_a_convolution(value: str) -> None:
    text = body(pad("a f32[n, 2, 7, 8]", "x", AMOUNTS, value) + CONV + "f32[n, 1, 7, 7]", IMAGE)
    found = lines(check(Pads(), text, None))
    assert "%y = core.conv(%x, %w) {strides = [1, 1], pads = [2, 2, 1, 0]" in found[-1]


@pytest.mark.parametrize(
    ("amounts", "value", "shapes", "mode"),
    [
        (AMOUNTS, "1.0", ("n, 2, 7, 8", "n, 1, 7, 7"), "constant"),
        (AMOUNTS, "-0.0", ("n, 2, 7, 8", "n, 1, 7, 7"), "constant"),
        (AMOUNTS, "", ("n, 2, 7, 8", "n, 1, 7, 7"), "edge"),
        ("0, 0, -1, 2, 0, 0, 1, 0", "", ("n, 2, 5, 8", "n, 1, 5, 7"), "constant"),
        ("1, 0, 1, 2, 0, 0, 1, 0", "", ("n + 1, 2, 7, 8", "n + 1, 1, 7, 7"), "constant"),
    ],
)
def test_what_a_convolution_does_not_pad(amounts: str, value: str, shapes: tuple[str, str], mode: str) -> None:
    text = pad(f"a f32[{shapes[0]}]", "x", amounts, value, mode) + CONV + f"f32[{shapes[1]}]"
    untouched(Pads(), body(text, IMAGE))


def pool(op: str, more: str = "", ceil: str = "false", pads: str = "0, 0, 0, 0") -> str:
    return (
        f"\n%y = core.{op}_pool(%a) {{window = [2, 3], strides = [2, 2], pads = [{pads}], dilations = [1, 1], "
        f'ceil_mode = {ceil}, {more}layout = "channels_first"}} : '
    )


BORDER = "0, 0, 1, 1, 0, 0, 0, 1"


def test_infinities_before_a_maximum() -> None:
    text = body(pad("a f32[n, 2, 6, 8]", "x", BORDER, "-inf") + pool("max") + "f32[n, 2, 3, 3]", IMAGE)
    assert (
        "%y = core.max_pool(%x) {window = [2, 3], strides = [2, 2], pads = [1, 1, 0, 1]"
        in lines(check(Pads(), text, None))[-1]
    )


def test_the_least_integer_before_a_maximum() -> None:
    text = body(
        pad("a i8[n, 2, 6, 8]", "x", BORDER, "-128") + pool("max") + "i8[n, 2, 3, 3]", IMAGE.replace("f32", "i8")
    )
    assert "core.max_pool(%x)" in lines(check(Pads(), text, None))[-1]


@pytest.mark.parametrize(
    ("amounts", "value", "ceil", "shapes"),
    [
        (BORDER, "0.0", "false", ("n, 2, 6, 8", "n, 2, 3, 3")),
        (BORDER, "", "false", ("n, 2, 6, 8", "n, 2, 3, 3")),
        (BORDER, "-inf", "true", ("n, 2, 6, 8", "n, 2, 3, 4")),
        ("0, 0, 2, 1, 0, 0, 0, 1", "-inf", "false", ("n, 2, 7, 8", "n, 2, 3, 3")),
    ],
)
def test_zeros_are_no_padding_of_a_maximum(amounts: str, value: str, ceil: str, shapes: tuple[str, str]) -> None:
    """Negative inputs would lose to them; partial windows and windows wholly in padding are others."""
    text = pad(f"a f32[{shapes[0]}]", "x", amounts, value) + pool("max", ceil=ceil) + f"f32[{shapes[1]}]"
    untouched(Pads(), body(text, IMAGE))


@pytest.mark.parametrize(("pads", "count"), [("0, 0, 0, 0", "false"), ("1, 0, 0, 0", "true")])
def test_zeros_before_a_mean(pads: str, count: str) -> None:
    before = pad("a f32[n, 2, 6, 8]", "x", "0, 0, 0, 1, 0, 0, 1, 1")
    more = f"count_include_pad = {count}, "
    text = body(before + pool("avg", more, pads=pads) + "f32[n, 2, 3, 3]", IMAGE)
    assert "count_include_pad = true" in (found := lines(check(Pads(), text, None))[-1])
    assert "core.avg_pool(%x)" in found


@pytest.mark.parametrize(
    ("value", "pads", "ceil", "count"),
    [
        ("1.0", "0, 0, 0, 0", "false", "true"),
        ("-0.0", "0, 0, 0, 0", "false", "true"),
        ("", "1, 0, 0, 0", "false", "false"),
        ("", "0, 0, 0, 0", "true", "true"),
    ],
)
def test_a_mean_that_counts_otherwise_stays(value: str, pads: str, ceil: str, count: str) -> None:
    before = pad("a f32[n, 2, 6, 8]", "x", "0, 0, 0, 1, 0, 0, 1, 1", value)
    result = "f32[n, 2, 3, 4]" if ceil == "true" else "f32[n, 2, 3, 3]"
    untouched(Pads(), body(before + pool("avg", f"count_include_pad = {count}, ", ceil, pads) + result, IMAGE))
