"""The built-ins, through the same hooks as any plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlingua.plugins import hookimpl

if TYPE_CHECKING:
    from interlingua.backends.base import Backend
    from interlingua.frontends.base import Frontend
    from interlingua.ir.dialect import Dialect
    from interlingua.passes.base import Pass
    from interlingua.runtimes.runtime import Runtime


@hookimpl
def interlingua_frontends() -> list[Frontend]:
    from interlingua.frontends.archive.frontend import ArchiveFrontend
    from interlingua.frontends.litert.frontend import LiteRtFrontend
    from interlingua.frontends.onnx.frontend import OnnxFrontend
    from interlingua.frontends.torch.frontend import TorchFrontend

    return [LiteRtFrontend(), OnnxFrontend(), TorchFrontend(), ArchiveFrontend()]  # bytes that say TFL3 are not ONNX


@hookimpl
def interlingua_backends() -> list[Backend]:
    from interlingua.backends.litert.backend import LiteRtBackend
    from interlingua.backends.numpy.backend import NumpyBackend
    from interlingua.backends.onnx.backend import OnnxBackend
    from interlingua.backends.torch.backend import TorchBackend

    return [OnnxBackend(), NumpyBackend(), TorchBackend(), LiteRtBackend()]


@hookimpl
def interlingua_passes() -> list[type[Pass]]:
    from interlingua.passes.catalogue import PASSES

    return list(PASSES)


@hookimpl
def interlingua_dialects() -> list[Dialect]:
    from interlingua.ir.dialects import builtin_dialects

    return list(builtin_dialects())


@hookimpl
def interlingua_runtimes() -> list[Runtime]:
    from interlingua.runtimes.catalogue import RUNTIMES

    return list(RUNTIMES)
