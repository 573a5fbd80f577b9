"""Lines of Python source."""

import ast

import pytest

from interlingua.backends.source.text import indented, quoted, spaced, wrapped

LONG = "value_" + "x" * 20
STATEMENTS = [
    f"y = f({', '.join([LONG] * 6)})",
    f"({', '.join(f'{LONG}{i}' for i in range(6))}) = g({', '.join([LONG] * 6)})",
    f"y = f([{', '.join([LONG] * 4)}], 'a, (b', ({LONG}, {LONG}))[0]",
    f'y = f("it\'s, \\"so\\" (", {", ".join([LONG] * 5)})',
    f"return {LONG} + torch.cat(({', '.join([LONG] * 5)}), dim=-1)",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_long_statement_is_broken_and_says_the_same(statement):
    source = statement if not statement.startswith("return") else f"def f():\n    {statement}"
    lines = wrapped(statement, 80)
    assert len(lines) > 1 and all(len(line) <= 80 for line in lines)
    text = "\n".join(lines if source == statement else ["def f():", *indented(lines, 1)])
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(source))


def test_what_fits_or_has_no_comma_stays():
    assert wrapped("y = f(a, b)", 80) == ["y = f(a, b)"]
    sum_ = f"y = ({' + '.join([LONG] * 5)})"
    assert wrapped(sum_, 80) == [sum_], "a comma would make a tuple of it"


@pytest.mark.parametrize("text", ["", "a", "it's", 'say "so"', "back\\slash", "line\nbreak", "é"])
def test_quoted(text):
    assert ast.literal_eval(quoted(text)) == text


def test_empty_lines():
    assert spaced(["", "a", "", "", "def f():", "", "    b", "", ""]) == ["a", "", "def f():", "    b"]
    assert indented(["a", ""], 2) == ["        a", ""]
