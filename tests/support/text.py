"""Modules written in the text form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interlingua.ir.dialects import builtin_ops
from interlingua.ir.graph import Module
from interlingua.ir.text.parser import parse_module
from interlingua.ir.verify import verify_module
from interlingua.ir.weights import Weight

MLP = """interlingua 1
module {producer = "hand", "odd key" = "v"}
input "x" ["batch", 4] doc "pixels"
output "y" ["batch", 2]
func @main(%x: f32[batch, 4]) {
  %w = core.constant dense f32[4, 2] [0.5, -0.0, 1.0, -inf, 1e-05, 3.0, inf, 0.1] : f32[4, 2]
  %h = core.matmul(%x, %w) : f32[batch, 2] from "fc" "MatMul" "model.py:3" in "head"
  %y = nn.softmax(%h) {axis = -1} : f32[batch, 2]
  return %y as "y"
}
"""
SHAPES = """interlingua 1
input "x" ["n", ?, 3]
output "y" [*]
func @main(%x: f32[n, "odd name", 3]) {
  %0 = core.shape_of(%x) : i64[3]
  %1 = core.constant dense i64[1] [0] : i64[1]
  %2 = core.gather(%0, %1) {axis = 0} : i64[1]
  %3 = core.constant dense i64[1] [-1] : i64[1]
  %4 = core.concat(%2, %3) {axis = 0} : i64[2]
  %y = core.reshape(%x, %4) : f32[n, "odd name"*3]
  return %y as "y"
}
"""
CONTROL = """interlingua 1
input "c" []
input "x" [2]
output "y" [2]
output "z" [2]
func @main(%c: bool[], %x: f32[2]) {
  %y = core.if(%c, %x) regions
  @then(%a: f32[2]) {
    %b = core.neg(%a) : f32[2]
    return %b as "b"
  }
  @orelse(%d: f32[2]) {
    %k = core.constant dense i64[1] [2] : i64[1]
    %e, %i = core.top_k(%d, %k) {axis = -1, largest = true, sorted = true} : f32[2], i64[2]
    return %e as "e"
  }
  end : f32[2] from "branch" "If" ""
  return %y as "y", %y as "z"
}
"""


def parse(text: str, weights: Mapping[str, Weight] | None = None) -> Module:
    """The module, verified."""
    module = parse_module(text, builtin_ops(), weights)
    verify_module(module)
    return module


def body(lines: str, inputs: str = "%x: f32[n]") -> str:
    """The text of a module with one output ``y``, which ``lines`` define."""
    indented = "\n".join(f"  {line.strip()}" for line in lines.strip().splitlines())
    ports = "".join(f'input "{name}" [*]\n' for name in re.findall(r"%(\w+):", inputs))
    return f'interlingua 1\n{ports}output "y" [*]\nfunc @main({inputs}) {{\n{indented}\n  return %y as "y"\n}}\n'


def cut(result: str, x: str, ends: str, axes: str = "0", steps: str = "") -> str:
    """A slice of ``x``: ``ends`` are its starts and its stops, ``;`` between them."""
    starts, stops = ends.split(";")
    count, name = len(axes.split(",")), result.split(" ")[0]
    found = [("p", starts), ("q", stops), *([("s", steps)] if steps else [])]
    made = [f"%{name}{k} = core.constant dense i64[{count}] [{v}] : i64[{count}]" for k, v in found]
    operands = ", ".join(f"%{name}{k}" for k, _ in found)
    return "\n".join([*made, f"%{name} = core.slice(%{x}, {operands}) {{axes = [{axes}]}} : {result.split(' ', 1)[1]}"])


def _indented(text: str) -> str:
    """``text`` as the printer sets it."""
    depth, found = 0, []
    for line in text.splitlines():
        line = line.strip()
        depth -= line == "}" and depth > 0
        found.append("  " * (depth + 1) + line)
        depth += line.endswith("{")
    return "\n".join(found)


def with_regions(statements: str, inputs: str) -> str:
    """As :func:`body`, of statements of several lines."""
    head, tail = body("HERE", inputs).split("  HERE\n")
    return f"{head}{_indented(statements)}\n{tail}"
