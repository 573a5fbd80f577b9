"""Types inferred anew."""

import interlingua
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.cleanup.refine_types import RefineTypes
from support.text import body, parse


def test_what_is_known_better_reaches_what_depends_on_it() -> None:
    module = parse(body("%a = core.neg(%x) : f32[*]\n%y = core.shape_of(%a) : i64[u0]", "%x: f32[2, n]"))
    assert RefineTypes().run(module, Rewriter()) == 2
    assert "%y = core.shape_of(%a) : i64[2]" in str(module)
    assert module.main.outputs[0].tensor.elements is not None
    assert RefineTypes().run(module, Rewriter()) == 0


def test_symbolic_dims_of_the_interface_stay() -> None:
    text = body("%y = core.neg(%x) : f32[n, 3]", "%x: f32[n, 3]")
    assert str(interlingua.optimize(parse(text), "refine-types")) == text
