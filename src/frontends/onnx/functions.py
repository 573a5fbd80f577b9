"""Model-local functions: put in place of their calls before the graph is read.

The inliner of the onnx package does the renaming. What it leaves out is done first: the defaults of attributes, the
domains that a function alone imports, and the function's name in those of its nodes, which become their scope.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeAlias

import onnx
import onnx.inliner

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.body import read_bodies
from interlingua.frontends.onnx.reader import Source

Key: TypeAlias = tuple[str, str, str]


def inline_functions(source: Source) -> Source:
    """The model without functions; the same one where it has none.

    Raises:
        InvalidModel: a call has no function of its overload, or functions import a domain in several versions.
    """
    if not source.proto.functions:
        return source
    proto = onnx.ModelProto()
    proto.CopyFrom(source.proto)
    functions = {_key(f, f.name): f for f in proto.functions}
    _fill_defaults(proto, functions, source.label)
    _import_domains(proto, source.label)
    for function in proto.functions:
        for node in function.node:
            node.name = f"{function.name}/{node.name or next(iter(node.output), '')}"
    try:
        inlined = onnx.inliner.inline_local_functions(proto)
        return dataclasses.replace(source, proto=inlined, bodies=read_bodies(inlined, source.label))
    except Exception as error:
        raise InvalidModel(f"its functions cannot be inlined: {error}", where=source.label) from error


def _key(holder: Any, name: str) -> Key:
    return holder.domain, name, getattr(holder, "overload", "")


def _fill_defaults(proto: Any, functions: dict[Key, Any], label: str) -> None:
    named = {key[:2] for key in functions}
    for body in read_bodies(proto):
        for node in body.proto.node:
            key = _key(node, node.op_type)
            function = functions.get(key)
            if function is None and key[:2] in named:
                raise InvalidModel(
                    f"overload {key[2]!r} of function {key[1]!r} is called, but is not there", where=label
                )
            given = {a.name for a in node.attribute}
            node.attribute.extend(a for a in getattr(function, "attribute_proto", ()) if a.name not in given)


def _import_domains(proto: Any, label: str) -> None:
    imported = {o.domain: o.version for o in proto.opset_import}
    for function in proto.functions:
        for opset in function.opset_import:
            if opset.domain not in imported:
                imported[opset.domain] = opset.version
                proto.opset_import.add(domain=opset.domain, version=opset.version)
            elif opset.domain not in ("", "ai.onnx") and imported[opset.domain] != opset.version:
                raise InvalidModel(
                    f"function {function.name!r} imports version {opset.version} of domain {opset.domain!r}, the model "
                    f"or another function {imported[opset.domain]}",
                    where=label,
                )
