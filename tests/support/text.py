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
