"""``model.pt2`` beside the source."""

import shutil

import numpy as np
import pytest
import torch

import interlingua
from interlingua.backends.torch.backend import TorchBackend
from interlingua.demo import MODEL
from interlingua.errors import UsageError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor
from interlingua.report import Verdict
from support.emission import module_of

BATCH = symbol("batch")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return interlingua.convert(MODEL, to="torch", output=tmp_path_factory.mktemp("made") / "digits", pt2=True)


def test_the_program_is_verified_on_batches_of_every_size(made):
    assert made.verdict is Verdict.VERIFIED and made.report.runtime.endswith("and model.pt2")
    program = torch.export.load(made.artifact / "model.pt2")
    image = torch.rand(7, 1, 8, 8)
    assert torch.equal(program.module()(image), made.load()(image))


def test_the_program_is_the_same_each_time_and_names_no_file(made, tmp_path):
    again = made.save(tmp_path / "digits")
    first, second = ((folder / "model.pt2").read_bytes() for folder in (made.artifact, again))
    assert first == second and b"stack_trace" not in first and str(made.artifact).encode() not in first


def test_a_program_that_computes_something_else_is_found(made, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(made.artifact, other)
    model = made.load()
    with torch.no_grad():
        model.classifier.bias += 1e-3 * torch.arange(10)
    torch.export.save(torch.export.export(model, (torch.zeros(3, 1, 8, 8),)), other / "model.pt2")
    (outcome,) = TorchBackend().runner(other).run([{"image": np.zeros((3, 1, 8, 8), np.float32)}])
    assert outcome.outputs is None and "gives another 'probabilities'" in outcome.error


def test_what_export_cannot_keep_open_is_refused(tmp_path):
    vector = Tensor(DType.F32, (BATCH,))
    with pytest.raises(UsageError, match="cannot be exported"):
        build = lambda b, x: b(Add(), b(Reshape(), x, b.constant([4])), b.constant(np.ones(4, np.float32)))  # noqa: E731
        interlingua.convert(module_of(build, {"x": vector}), to="torch", pt2=True, output=tmp_path / "a")
    with pytest.raises(UsageError, match="'w' has a default"):
        build = lambda b, x, w: b(Add(), x, w)  # noqa: E731 - two lines more say no more
        types, defaults = {"x": vector, "w": vector}, {"w": np.ones(4, np.float32)}
        interlingua.convert(module_of(build, types, defaults=defaults), to="torch", pt2=True, output=tmp_path / "b")
    assert not list(tmp_path.iterdir())


def test_options_are_checked():
    with pytest.raises(UsageError, match="no option 'opset'"):
        interlingua.convert(MODEL, to="torch", opset=17)
    with pytest.raises(UsageError, match="pt2 is true or false"):
        interlingua.convert(MODEL, to="torch", pt2="yes")
