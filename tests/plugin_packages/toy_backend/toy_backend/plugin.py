"""What Interlingua finds by the entry point."""

from __future__ import annotations

from interlingua import hookimpl
from interlingua.backends.base import Backend
from toy_backend.backend import ToyBackend

INTERLINGUA_API = 1


@hookimpl
def interlingua_backends() -> list[Backend]:
    return [ToyBackend()]
