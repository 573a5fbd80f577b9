"""What Interlingua is told of it. PyTorch is not imported for that."""

from interlingua.frontends.torch.table import Table
from interlingua.ir.ops.activation import Silu
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.layout import Split
from interlingua.plugins import hookimpl

INTERLINGUA_API = 1
TABLE = Table()


@TABLE.translate("acme::swiglu.default")
def swiglu(n, b):
    x = n.value("x")
    gate, value = b.add_all(Split(axis=x.tensor.rank - 1, parts=2), x)
    return b(Mul(), b(Mul(), b(Silu(), gate), value), b.constant(n.static("scale"), n.dtype))


@hookimpl
def interlingua_translations():
    return {"torch": TABLE}
