"""What patterns of RE2 match whole: by RE2's own rules where Python's differ. (Against RE2 itself:
tests/backends/onnx/test_string_lowerings.py.)"""

from __future__ import annotations

import re

import pytest

from interlingua.ir.regex import NotInPython, NotRe2, python_pattern


def matches(pattern, text):
    return re.compile(python_pattern(pattern), re.ASCII).fullmatch(text) is not None


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"a$\n?", ["a"], ["a\n"]),  # Python's $ is also before a final newline
        (r"(?m)a$\n", ["a\n"], ["a"]),
        (r"(?m)a\n^b", ["a\nb"], []),
        (r"a\n^b", [], ["a\nb"]),
        (r"\B", [""], ["a"]),  # not in an empty string, says Python before 3.14
        (r"\s", [" ", "\t", "\f"], ["\v", "\u2003"]),
        (r"[[:space:]]", [" ", "\v"], ["\u2003"]),
        (r"\w\d", ["a1"], ["é1", "a٣"]),
        (r"\W", ["é"], ["_"]),
        (r"[^\W_]", ["a", "1"], ["_", "é"]),
        (r"a{,2}", ["a{,2}"], ["aa", ""]),
        (r"a{02}", ["a{02}"], ["aa"]),
        (r"a{1,2}?b*?", ["a", "aabb"], ["", "aaa"]),
        (r"(a|ab)(c|bcd)", ["ac", "abc", "abcd", "abbcd"], ["ab"]),
        (r"(?i)k", ["k", "K", "\u212a"], ["c"]),
        (r"(?i)[^s]", ["a"], ["s", "S", "ſ"]),
        (r"(?i)\W", ["-"], ["ſ", "K"]),
        (r"(?i:a)a", ["Aa", "aa"], ["AA", "aA"]),
        (r"a(?-i:b)(?i)c", ["abC"], ["aBc", "Abc"]),
        (r"(?i)日", ["日"], ["a"]),
        (r"[\d.-]", ["-", ".", "7"], ["/"]),
        (r"[a\-c]", ["a", "-", "c"], ["b"]),
        (r"[]a]", ["]", "a"], ["["]),
        (r"[^]a]", ["b", "\n"], ["]"]),
        (r"\Qa*\E*", ["a", "a**"], ["aa"]),
        (r"\x41\x{e9}\101\0\_", ["AéA\0_"], []),
        (r".", ["é", "𐐨"], ["\n", ""]),
        (r"(?s).", ["\n"], [""]),
        (r"^*a\z", ["a"], ["a\n"]),
        (r"[^\x00-\x{10FFFF}]?", [""], ["a"]),
        (r"(?P<year>\d+)-(?<month>\d+)", ["2020-01"], ["2020"]),
        (r"a|", ["a", ""], ["b"]),
    ],
)
def test_matches(pattern, yes, no):
    assert [matches(pattern, text) for text in yes] == [True] * len(yes)
    assert [matches(pattern, text) for text in no] == [False] * len(no)


@pytest.mark.parametrize(
    "pattern",
    [
        "a**", "a++", "a*+", "a{2}{3}", "*a", "|*", "(", ")", "(?=a)", "(?<!a)", "(?>a)", "(?#a)", r"(a)\1", r"\Z",
        r"\q", r"\é", "[a", "[b-a]", r"[a-\d]", "[[:name:]]", "a{1001}", "a{3,2}", "\\", "(?x)a", r"\x{110000}", r"\x4",
    ],
)  # fmt: skip
def test_what_is_not_of_re2(pattern):
    with pytest.raises(NotRe2):
        python_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\pL", r"[\p{Greek}]", r"\C", "(?i)é", "(?i)[à-é]"])
def test_what_python_cannot_say(pattern):
    with pytest.raises(NotInPython):
        python_pattern(pattern)
