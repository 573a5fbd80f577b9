"""Small TensorFlow Lite files, built by hand with the schema that LiteRT brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Declared:
    """A tensor: ``signature`` are its dims with -1 where they are open; ``scale`` and ``zero`` quantize it."""

    name: str
    shape: tuple[int, ...]
    kind: str = "FLOAT32"
    signature: tuple[int, ...] = ()
    scale: float | None = None
    zero: int = 0


def unary(
    op: str, x: Declared, y: Declared, *, names: tuple[str, str] | None = None, key: str = "serving_default"
) -> bytes:
    """A model of one op, such as ``RELU``; ``names`` of input and output are those of a signature."""
    return built(op, [x], [y], names=None if names is None else ([names[0]], [names[1]]), key=key)


def built(
    op: str,
    inputs: Sequence[Declared],
    outputs: Sequence[Declared],
    *,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
    key: str = "serving_default",
) -> bytes:
    """A model of one op."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model, graph, node, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, op)
    code.version = 1
    graph.tensors = [_tensor(schema, t) for t in (*inputs, *outputs)]
    graph.inputs = list(range(len(inputs)))
    graph.outputs = list(range(len(inputs), len(inputs) + len(outputs)))
    node.opcodeIndex, node.inputs, node.outputs = 0, graph.inputs, graph.outputs
    if op == "ADD":
        node.builtinOptionsType, node.builtinOptions = schema.BuiltinOptions.AddOptions, schema.AddOptionsT()
    graph.operators = [node]
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    if names is not None:
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = key, 0
        signature.inputs = [_mapped(schema, n, i) for n, i in zip(names[0], graph.inputs, strict=True)]
        signature.outputs = [_mapped(schema, n, i) for n, i in zip(names[1], graph.outputs, strict=True)]
        model.signatureDefs = [signature]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(schema: Any, declared: Declared) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = declared.name, list(declared.shape), 0
    tensor.type = getattr(schema.TensorType, declared.kind)
    if declared.signature:
        tensor.shapeSignature = list(declared.signature)
    if declared.scale is not None:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [declared.scale], [declared.zero]
    return tensor


def _mapped(schema: Any, name: str, index: int) -> Any:
    mapped = schema.TensorMapT()
    mapped.name, mapped.tensorIndex = name, index
    return mapped
