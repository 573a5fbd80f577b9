"""Slices that take everything, in a row, of what was put together, and of all parts of a value."""

import pytest

from interlingua.passes.cleanup.slices import Slices
from support.passes import check, lines, untouched
from support.text import body, cut

END = 9223372036854775807


@pytest.mark.parametrize("ends", [f"0;{END}", "-9223372036854775808;2147483647"])
def test_all_of_a_symbolic_axis_is_no_slice(ends: str) -> None:
    text = body(cut("a f32[n, 4]", "x", ends) + "\n%y = core.neg(%a) : f32[n, 4]", "%x: f32[n, 4]")
    check(Slices(), text, ["%y = core.neg(%x) : f32[n, 4]"])


def test_axes_that_are_not_cut_are_not_named() -> None:
    text = body(cut("y f32[n, 2]", "x", f"0, 1;{END}, 3", "0, 1"), "%x: f32[n, 4]")
    assert lines(check(Slices(), text, None))[-1] == "%y = core.slice(%x, %0, %1) {axes = [1]} : f32[n, 2]"


@pytest.mark.parametrize(
    ("statement", "inputs"),
    [
        (cut("y f32[4]", "x", f"-1;{-END}", steps="-1"), "%x: f32[4]"),
        (cut("y f32[min(1000, n)]", "x", "0;1000"), "%x: f32[n]"),
        (cut("y f32[max(0, n - 1)]", "x", "0;-1"), "%x: f32[n]"),
    ],
)
def test_what_may_leave_something_out_stays(statement: str, inputs: str) -> None:
    """A reversal has the same shape; a large number is no end."""
    after = lines(check(Slices(), body(statement, inputs), None))
    assert len([line for line in after if "core.slice" in line]) == 1


@pytest.mark.parametrize(
    ("first", "then", "kept", "result"),
    [
        ("1;8", "2;5", "3;6", 3),
        ("1;8", "-2;100", "6;8", 2),
        ("8;1", "1;4", "7;4", 3),
        ("0;3", "5;9", "0;0", 0),
        ("9;-11", "1;10", f"8;{-END}", 9),
    ],
)
def test_two_slices_of_one_axis_are_one(first: str, then: str, kept: str, result: int) -> None:
    start, stop = (int(v) for v in first.split(";"))
    step = -1 if start > stop else 1
    size = len(range(10)[slice(start, stop, step)])
    text = body(
        cut(f"a f32[{size}]", "x", first, steps=str(step)) + "\n" + cut(f"y f32[{result}]", "a", then), "%x: f32[10]"
    )
    found = lines(check(Slices(), text, None))
    ends = [line.split("[1] ")[1].split(" :")[0] for line in found if "constant" in line]
    assert ends[-2:] == [f"[{v}]" for v in kept.split(";")]
    assert len([line for line in found if "core.slice" in line]) == 1


def test_slices_of_two_axes_are_one() -> None:
    text = body(cut("a f32[2, m]", "x", "0;2") + "\n" + cut("y f32[2, 2]", "a", "1;3", "1"), "%x: f32[5, 4]").replace(
        "m]", "4]"
    )
    found = lines(check(Slices(), text, None))
    assert found[-1].startswith("%y = core.slice(%x, ") and "{axes = [0, 1]}" in found[-1]


def test_slices_of_a_symbolic_axis_are_one_where_both_count_from_the_front() -> None:
    text = body(
        cut("a f32[max(0, n - 2)]", "x", f"2;{END}") + "\n" + cut("y f32[min(3, max(0, n - 2))]", "a", "0;3"),
        "%x: f32[n]",
    )
    found = lines(check(Slices(), text, None))
    assert [line for line in found if "constant" in line and ("[2]" in line or "[5]" in line)]
    assert len([line for line in found if "core.slice" in line]) == 1


def test_from_the_end_of_a_symbolic_axis_nothing_is_merged() -> None:
    text = body(
        cut("a f32[max(0, n - 2)]", "x", f"2;{END}") + "\n" + cut("y f32[min(3, max(0, n - 2))]", "a", f"-3;{END}"),
        "%x: f32[n]",
    )
    untouched(Slices(), text)


JOINED = """%c = core.concat(%x, %z) {axis = 0} : f32[5, m]\n"""


def test_a_slice_of_one_part_is_one_of_that_part() -> None:
    whole = body(
        JOINED + cut("a f32[3, m]", "c", "2;5") + "\n%y = core.neg(%a) : f32[3, m]", "%x: f32[2, m], %z: f32[3, m]"
    )
    check(Slices(), whole, ["%y = core.neg(%z) : f32[3, m]"])
    part = body(JOINED + cut("y f32[1, m]", "c", "3;4"), "%x: f32[2, m], %z: f32[3, m]")
    assert lines(check(Slices(), part, None))[-1] == "%y = core.slice(%z, %0, %1) {axes = [0]} : f32[1, m]"


def test_a_slice_across_parts_stays() -> None:
    untouched(Slices(), body(JOINED + cut("y f32[2, m]", "c", "1;3"), "%x: f32[2, m], %z: f32[3, m]"))


def test_one_element_without_its_axis_is_gathered() -> None:
    text = body(cut("a f32[n, 1]", "x", "2;3", "1") + "\n%y = nn.squeeze(%a) {axes = [-1]} : f32[n]", "%x: f32[n, 4]")
    check(
        Slices(),
        text,
        ["%0 = core.constant dense i64[] [2] : i64[]", "%y = core.gather(%x, %0) {axis = 1} : f32[n]"],
    )


@pytest.mark.parametrize(
    ("statements", "inputs"),
    [
        (cut("a f32[min(1, n)]", "x", f"-1;{END}") + "\n%y = nn.squeeze(%a) {axes = [0]} : f32[]", "%x: f32[n]"),
        (cut("a f32[1, 1]", "x", "2;3", "1") + "\n%y = nn.squeeze(%a) {axes = [0]} : f32[1]", "%x: f32[1, 4]"),
        (cut("a string[1]", "x", "2;3") + "\n%y = nn.squeeze(%a) {axes = [0]} : string[]", "%x: string[4]"),
    ],
)
def test_not_gathered(statements: str, inputs: str) -> None:
    """The element may not be there; another axis goes; runtimes do not gather strings."""
    untouched(Slices(), body(statements, inputs))


GATHERED = """%i = core.constant dense i64[{0}] [{1}] : i64[{0}]
    %a = core.gather(%x, %i) {{axis = 0}} : f32[{2}n]
    %y = nn.expand_dims(%a) {{axes = [{3}]}} : f32[{4}]"""


def test_an_element_whose_axis_comes_back_is_a_slice() -> None:
    found = lines(check(Slices(), body(GATHERED.format("", "-1", "", "0", "1, n"), "%x: f32[3, n]"), None))
    assert found == [
        "%0 = core.constant dense i64[1] [2] : i64[1]",
        "%1 = core.constant dense i64[1] [3] : i64[1]",
        "%y = core.slice(%x, %0, %1) {axes = [0]} : f32[1, n]",
    ]


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        (("", "0", "", "1", "n, 1"), "%x: f32[3, n]"),
        (("1", "0", "1, ", "0", "1, 1, n"), "%x: f32[3, n]"),
        (("", "0", "", "0", "1, n"), "%x: f32[m, n]"),
    ],
)
def test_another_axis_a_vector_or_an_open_size_is_gathered(given: tuple[str, ...], inputs: str) -> None:
    untouched(Slices(), body(GATHERED.format(*given), inputs))


def test_the_only_element_of_an_axis_is_a_squeeze() -> None:
    text = "%i = core.constant dense i64[] [{0}] : i64[]\n%y = core.gather(%x, %i) {{axis = 1}} : f32[n]"
    check(Slices(), body(text.format(-1), "%x: f32[n, 1]"), ["%y = nn.squeeze(%x) {axes = [1]} : f32[n]"])
    untouched(Slices(), body(text.format(0), "%x: f32[n, m]"))


def parts(*pieces: str) -> str:
    statements = [
        cut(f"p{i} f32[{int(q) - int(p)}, n]", "x", f"{p};{q}") for i, (p, q) in enumerate(s.split(";") for s in pieces)
    ]
    sizes = [int(q) - int(p) for p, q in (s.split(";") for s in pieces)]
    names = ", ".join(f"%p{i}" for i in reversed(range(len(pieces))))
    return body(
        "\n".join([*statements, f"%y = core.concat({names}) {{axis = 0}} : f32[{sum(sizes)}, n]"]), "%x: f32[6, n]"
    )


def test_slices_that_take_each_element_once_are_one_split() -> None:
    found = lines(check(Slices(), parts("2;3", "0;2", "3;6"), None))
    assert found[-3:-1] == [
        "%0 = core.constant dense i64[3] [2, 1, 3] : i64[3]",
        "%p1, %p0, %p2 = nn.split(%x, %0) {axis = 0, parts = 3} : f32[2, n], f32[1, n], f32[3, n]",
    ]


@pytest.mark.parametrize("pieces", [("0;2", "3;6"), ("0;3", "2;6"), ("0;2", "2;5"), ("1;3", "3;6")])
def test_gaps_and_overlaps_are_not_split(pieces: tuple[str, ...]) -> None:
    untouched(Slices(), parts(*pieces))


PARTS = """%c = core.constant dense i64[2] [2, 3] : i64[2]
    %z = core.constant dense i64[1] [0] : i64[1]
    %o = core.constant dense i64[1] [1] : i64[1]
    %e = core.constant dense i64[1] [3] : i64[1]
    %p, %q = nn.split(%x, %c) {axis = 1, parts = 2} : f32[n, 2, 4], f32[n, 3, 4]
    %s = core.slice(%p, %z, %e) {axes = [2]} : f32[n, 2, 3]
    %r = core.neg(%s) : f32[n, 2, 3]
    %t = core.slice(%q, FIRST, %e) {axes = [-1]} : f32[n, 3, WIDTH]"""


def split_then_cut(first: str, width: int) -> str:
    """Both parts of a split cut along another axis."""
    text = body(PARTS.replace("FIRST", first).replace("WIDTH", str(width)), "%x: f32[n, 5, 4]")
    text = text.replace('return %y as "y"', 'return %r as "r", %t as "t"')
    return text.replace('output "y" [*]', 'output "r" [*]\noutput "t" [*]')


def test_parts_that_are_cut_alike_are_cut_before_they_are_split() -> None:
    after = check(Slices(), split_then_cut("%z", 3), None)
    assert [n.op.name for n in after.walk() if n.operands] == ["core.slice", "nn.split", "core.neg"]


def test_parts_that_are_cut_otherwise_stay() -> None:
    untouched(Slices(), split_then_cut("%o", 2))
