"""Ops of the schema that are read by nobody here, each with its reason."""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value

TABLE = Table()

_STATE = "it keeps a state between runs, and a model of ours has none"
_TABLES = "hash tables are not read"
REASONS = {
    "ASSIGN_VARIABLE": _STATE,
    "CALL_ONCE": "it runs once in the life of an interpreter, to set up what later runs find",
    "CONCAT_EMBEDDINGS": "LiteRT has no kernel of it",
    "DELEGATE": "it belongs to a delegate, which writes none into files",
    "DENSIFY": "sparse weights are not read",
    "EMBEDDING_LOOKUP_SPARSE": "sparse look-ups are not read",
    "HASHTABLE": _TABLES,
    "HASHTABLE_FIND": _TABLES,
    "HASHTABLE_IMPORT": _TABLES,
    "HASHTABLE_LOOKUP": _TABLES,
    "HASHTABLE_SIZE": _TABLES,
    "LSH_PROJECTION": "its hash function is not among our ops",
    "MULTINOMIAL": "a draw by its generator cannot be repeated elsewhere",
    "READ_VARIABLE": _STATE,
    "RNN": _STATE,
    "SKIP_GRAM": "its text processing is not among our ops",
    "SVDF": _STATE,
    "VAR_HANDLE": _STATE,
}


@TABLE.translate(*REASONS, quantized=OWN)
def declined(n: LiteRtNode, b: Builder) -> Value:
    n.unsupported(REASONS[n.op])
