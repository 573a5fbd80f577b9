"""An ONNX model as a witness: every interior value, from ONNX Runtime with optimisations off.

All tensors are made outputs of a copy. An ``If`` is replaced by the branch that is taken, so that what is inside can be
asked for as well; what is inside a loop stays there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx.external_data_helper import load_external_data_for_model

from interlingua.errors import RuntimeCrash
from interlingua.frontends.onnx.body import read_bodies
from interlingua.frontends.onnx.reader import Source
from interlingua.frontends.trace import region_path
from interlingua.runtimes.numerics import Numerics
from interlingua.runtimes.onnxruntime import NUMERICS, OnnxRunner
from interlingua.runtimes.workers import FRESH, Workers


class OnnxWitness:
    """The interior values of one model."""

    def __init__(self, source: Source) -> None:
        self.numerics: Numerics = NUMERICS
        self.workers: Workers = FRESH
        self.runs = 0
        self._source = source

    @cache  # noqa: B019 - as long as the witness
    def _proto(self) -> Any:
        """The model with its weights inside."""
        proto = onnx.ModelProto()
        proto.CopyFrom(self._source.proto)
        if self._source.folder is not None:
            load_external_data_for_model(proto, str(self._source.folder))
        return proto

    def weights(self) -> Mapping[str, Any]:
        """As :meth:`Witness.weights`."""
        tensors = [t for body in read_bodies(self._proto()) if body.is_graph for t in body.proto.initializer]
        names = Counter(t.name for t in tensors)
        return {t.name: onnx.numpy_helper.to_array(t) for t in tensors if names[t.name] == 1}

    def values(self, inputs: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """As :meth:`Witness.values`."""
        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto())
        fixed = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
        while open_ := [n for n in proto.graph.node if n.op_type == "If" and n.domain in ("", "ai.onnx")]:
            asked = {n.input[0] for n in open_}
            known = {**fixed, **inputs}
            missing = sorted(asked - known.keys())
            conditions = {**known, **self._run(proto, missing, inputs, timeout)}
            for node in open_:
                _inline(proto.graph, node, bool(np.asarray(conditions[node.input[0]]).reshape(())))
        names = [o for n in proto.graph.node for o in n.output if o]
        return {**inputs, **self._run(proto, names, inputs, timeout)}

    def _run(self, proto: Any, names: list[str], inputs: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        if not names:
            return {}
        copy = onnx.ModelProto()
        copy.CopyFrom(proto)
        del copy.graph.output[:]
        copy.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
        runner = OnnxRunner(copy, optimize=False)
        runner.workers = self.workers
        self.runs += 1
        (outcome,) = runner.run([inputs], timeout=timeout)
        if outcome.outputs is None:
            raise RuntimeCrash(f"the source fails on these inputs: {outcome.error}", where=self._source.label)
        return outcome.outputs


def _inline(graph: Any, node: Any, taken: bool) -> None:
    """Put the branch that is taken in place of an ``If``; its values are renamed to their keys."""
    attribute = "then_branch" if taken else "else_branch"
    body = onnx.GraphProto()
    body.CopyFrom(next(a.g for a in node.attribute if a.name == attribute))
    path = region_path("", node.output, attribute)
    own = [*(t.name for t in body.initializer), *(o for n in body.node for o in n.output)]
    _rename(body, {name: path + name for name in own if name})
    index = next(i for i, n in enumerate(graph.node) if n.output == node.output)
    ends = zip(body.output, node.output, strict=False)
    ties = [onnx.helper.make_node("Identity", [inner.name], [outer]) for inner, outer in ends if outer]
    following = list(graph.node)[index + 1 :]
    del graph.node[index:]
    graph.node.extend([*body.node, *ties, *following])
    graph.initializer.extend(body.initializer)


def _rename(body: Any, names: Mapping[str, str]) -> None:
    """Rename values of a graph, wherever graphs inside use them as well."""
    for tensor in (*body.initializer, *body.output):
        tensor.name = names.get(tensor.name, tensor.name)
    for node in body.node:
        node.input[:] = [names.get(n, n) for n in node.input]
        node.output[:] = [names.get(n, n) for n in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, names)
            for inner in attribute.graphs:
                _rename(inner, names)
