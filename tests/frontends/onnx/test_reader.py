"""Sources of the onnx frontend, and what is made of them before anything is imported."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnx.parser
import pytest

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.body import MAX_NESTING
from interlingua.frontends.onnx.reader import read

TEXT = """
<ir_version: 8, opset_import: ["" : 17, "own" : 1]>
g (float[n] x, bool c) => (float[n] y) <float[1] w = {2}>
{
    t = own.f (x)
    y = If (c) <then_branch = a () => (float[n] p) { k = Constant <value = float[1] {3}> () p = Add (t, k) },
                else_branch = b () => (float[n] q) { q = Mul (t, w) }>
}
<domain: "own", opset_import: ["" : 17]>
f (a) => (b) { k = Constant <value = float[1] {1}> () b = Add (a, k) }
"""


def test_a_path_bytes_and_a_proto_give_the_same(tmp_path: Path) -> None:
    proto = onnx.parser.parse_model(TEXT)
    data = proto.SerializeToString()
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    found = [read(source) for source in (path, str(path), data, bytearray(data), memoryview(data), proto)]
    assert all(f.proto == proto for f in found)
    assert [f.folder for f in found] == [tmp_path.resolve()] * 2 + [None] * 4
    assert [f.label for f in found] == [str(path)] * 2 + ["bytes"] * 3 + ["ModelProto"]


def test_reading_changes_nothing_of_a_given_proto() -> None:
    proto = onnx.parser.parse_model(TEXT)
    before = proto.SerializeToString()
    read(proto)
    assert proto.SerializeToString() == before


def test_names_that_are_no_text_are_refused() -> None:
    """protobuf gives them as bytes."""
    data = onnx.parser.parse_model(TEXT).SerializeToString()
    for old, new in (
        (b"\x0a\x01x", b"\x0a\x01\xff"),
        (b"\x0a\x01t", b"\x0a\x01\xff"),
        (b"own", b"o\xffn"),
        (b"\x12\x01y", b"\x12\x01\xff"),
    ):
        assert old in data
        with pytest.raises(InvalidModel):
            read(data.replace(old, new))


def test_the_limit_of_nesting_is_what_protobuf_reads() -> None:
    """A graph in a graph takes three messages: graph, node, attribute."""
    assert 3 * MAX_NESTING < 100
