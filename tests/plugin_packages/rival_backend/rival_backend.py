"""A plugin that claims the name of a backend that is there already."""

from interlingua import hookimpl
from interlingua.backends.base import Backend
from interlingua.backends.onnx.backend import OnnxBackend

INTERLINGUA_API = 1


@hookimpl
def interlingua_backends() -> list[Backend]:
    return [OnnxBackend()]
