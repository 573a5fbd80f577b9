"""The artifact as a whole: what is in the folder, what runs, what is refused."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import interlingua
from interlingua.backends.torch.backend import TorchBackend
from interlingua.demo import MODEL
from interlingua.errors import InvalidModel, UnsupportedOps, UsageError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.shape import Concat, Reshape
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import Tensor
from interlingua.report import Verdict
from interlingua.runtimes.catalogue import TorchPackage

F32, I64, BOOL = DType.F32, DType.I64, DType.BOOL
BATCH = symbol("batch")
VECTOR = Tensor(F32, (BATCH,))


def ramp(*shape: int) -> np.ndarray:
    return np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return interlingua.convert(MODEL, to="torch", output=tmp_path_factory.mktemp("made") / "digits")


def run(folder, *batches):
    found = TorchBackend().runner(folder).run(batches)
    assert [o.error for o in found] == [None] * len(batches)
    return [o.outputs for o in found]


def test_the_demo_is_verified(digits):
    assert digits.verdict is Verdict.VERIFIED
    assert sorted(p.name for p in digits.artifact.iterdir()) == ["__init__.py", "model.py", "weights.safetensors"]


def test_the_demo_is_a_module_of_this_process(digits):
    model = digits.load()
    assert isinstance(model, torch.nn.Module) and not model.training
    image = ramp(3, 1, 8, 8)
    with torch.inference_mode():
        found = model(image=torch.from_numpy(image))
    assert found.numpy().tobytes() == digits.run([image])["probabilities"].tobytes()
    assert all(p.requires_grad for p in model.parameters()) and len(list(model.parameters())) == 6


def test_the_package_is_imported_by_its_name(digits):
    program = "import digits, torch; m = digits.load(); print(tuple(m(torch.zeros(2, 1, 8, 8)).shape), digits.Model)"
    environment = {**os.environ, "PYTHONPATH": str(digits.artifact.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(2, 10) <class 'digits.model.Model'>"


def test_other_backends_have_no_such_form(tmp_path):
    made = interlingua.convert(MODEL, to="numpy", verify=False)
    with pytest.raises(UsageError, match="no in-process form"):
        made.load()


def test_shapes_are_sizes_and_their_chains_are_gone(module_of, emitted):
    def build(b, x, y):
        flat = b(Reshape(), y, b(Concat(axis=0), b(ShapeOf(), x), b.constant([2, 3])))
        return b(Add(), flat, b(Reshape(), y, b(ShapeOf(), flat)))

    types = {"x": VECTOR, "y": Tensor(F32, (symbol("n"),))}
    folder = emitted(module_of(build, types))
    text = (folder / "model.py").read_text()
    assert "        batch = x.shape[0]\n" in text
    assert text.count("y.reshape(batch, 2, 3)") == 2
    assert "tolist" not in text and "cat" not in text
    (found,) = run(folder, {"x": ramp(4), "y": ramp(24)})
    assert found["y"].tolist() == (ramp(24) * 2).reshape(4, 2, 3).tolist()


def test_what_nothing_tells_is_asked_of_the_tensor(module_of, emitted):
    folder = emitted(module_of(lambda b, x, s: b(Reshape(), x, s), {"x": VECTOR, "s": Tensor(I64, (2,))}))
    assert "x.reshape(*s.tolist())" in (folder / "model.py").read_text()
    (found,) = run(folder, {"x": ramp(6), "s": np.array([2, -1])})
    assert found["y"].tolist() == ramp(2, 3).tolist()


def branches(b, cond, x):
    def region(op):
        inner = b.region()
        v = inner.input(x.type, "x")
        return inner.outputs([inner(op, v, inner.scalar(2.0, v))])

    return b(If(), cond, x, regions=[region(Add()), region(Mul())])


def test_if(module_of, emitted):
    folder = emitted(module_of(branches, {"cond": Tensor(BOOL, ()), "x": VECTOR}))
    yes, no = run(folder, {"cond": np.array(True), "x": ramp(3)}, {"cond": np.array(False), "x": ramp(3)})
    assert yes["y"].tolist() == (ramp(3) + 2).tolist() and no["y"].tolist() == (ramp(3) * 2).tolist()


def loop(b, trips, x):
    """Doubles ``x``, and stacks what it was before."""
    body = b.region("body")
    body.input(Tensor(I64, ()), "i")
    cond, v = body.input(Tensor(BOOL, ()), "cond"), body.input(x.type, "v")
    graph = body.outputs([cond, body(Add(), v, v), body(Mul(), v, v)])
    return b.add_all(While(carried=1, stacked=1), trips, None, x, regions=[graph])


def test_while(module_of, emitted):
    folder = emitted(module_of(loop, {"trips": Tensor(I64, ()), "x": VECTOR}, ("last", "stack")))
    ran, still = run(folder, *({"trips": np.array(n), "x": np.ones(3, np.float32)} for n in (2, 0)))
    assert ran["last"].tolist() == [4, 4, 4] and ran["stack"].tolist() == [[1, 1, 1], [4, 4, 4]]
    assert still["last"].tolist() == [1, 1, 1] and still["stack"].shape == (0, 3)


ODD = ["input_2:0", "a/b", "file", "x", "x.npy", "class", "main", "torch", "self", "größe", "", "add"]


def test_any_name_will_do(module_of, emitted):
    def build(b, *xs):
        return tuple(b(Sub(), x, b.scalar(float(i), x), name="out") for i, x in enumerate(xs))

    types = {name: Tensor(F32, (i + 1,)) for i, name in enumerate(ODD)}
    (found,) = run(emitted(module_of(build, types, tuple(reversed(ODD)))), {n: ramp(i + 1) for i, n in enumerate(ODD)})
    for i, name in enumerate(reversed(ODD)):
        assert found[name].tolist() == (ramp(i + 1) - np.float32(i)).tolist()


def test_any_dim_will_do(module_of, emitted):
    dims = (symbol("it's"), symbol('a "b"'), symbol("p2o.Dim.0"), symbol("?1"))
    folder = emitted(module_of(lambda b, x: b(Reshape(), x, b(ShapeOf(), x)), {"x": Tensor(F32, dims)}))
    (found,) = run(folder, {"x": ramp(1, 2, 3, 4)})
    assert found["y"].shape == (1, 2, 3, 4)
    shown = [str(d) for d in TorchPackage().interface(folder).inputs[0].dims]
    assert shown == [str(d) for d in dims]


def test_the_interface_is_read_without_running_anything(module_of, emitted):
    types = {"x": VECTOR, "w": VECTOR}
    folder = emitted(module_of(lambda b, x, w: b(Add(), x, w), types, defaults={"w": ramp(20)}))
    interface = TorchPackage().interface(folder)
    assert [(s.name, s.dtype, s.dims, s.optional) for s in interface.inputs] == [
        ("x", F32, ("batch",), False),
        ("w", F32, ("batch",), True),
    ]
    (folder / "model.py").unlink()
    with pytest.raises(InvalidModel, match="no artifact of the torch backend"):
        TorchPackage().interface(folder)


def test_defaults(module_of, emitted):
    types = {"x": VECTOR, "w": VECTOR, "y": VECTOR}
    module = module_of(lambda b, x, w, y: b(Sub(), b(Add(), x, w), y), types, defaults={"w": ramp(20)})
    folder = emitted(module)
    (found,) = run(folder, {"x": ramp(20), "y": ramp(20)})
    assert found["y"].tolist() == ramp(20).tolist()
    (outcome,) = TorchBackend().runner(folder).run([{"x": ramp(20)}])
    assert "'y' is missing" in outcome.error


def test_parameters_equal_by_chance_stay_apart(tmp_path):
    from support.emission import module_of

    def build(b, x):
        first, second = (b.constant(np.eye(3, dtype=np.float32), name=f"layer{i}.weight") for i in range(2))
        return b(MatMul(), b(MatMul(), x, first), second)

    made = interlingua.convert(module_of(build, {"x": Tensor(F32, (BATCH, 3))}), to="torch")
    assert len(list(made.load().parameters())) == 2


def test_bytes_do_not_depend_on_the_process(tmp_path):
    program = (
        "import sys, interlingua; from interlingua.demo import MODEL\n"
        "interlingua.convert(MODEL, to='torch', output=sys.argv[1], verify=False)\n"
    )
    found = []
    for seed in ("1", "2"):
        folder, environment = tmp_path / seed, {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, folder], check=True, env=environment)
        found.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert found[0] == found[1] and set(found[0]) == {"__init__.py", "model.py", "weights.safetensors"}


def test_what_pytorch_lacks_is_refused(module_of, emitted):
    with pytest.raises(UnsupportedOps, match="PyTorch has no i4"):
        emitted(module_of(lambda b, x: x, {"x": Tensor(DType.I4, (2,))}))
    with pytest.raises(UnsupportedOps, match="PyTorch has no string"):
        emitted(module_of(lambda b, x: b(Reshape(), x, b.constant([1, -1])), {"x": Tensor(DType.STRING, (2,))}))


def test_an_artifact_is_replaced_and_nothing_else_is(module_of, emitted, tmp_path):
    emitted(module_of(loop, {"trips": Tensor(I64, ()), "x": VECTOR}, ("last", "stack")))
    folder = emitted(module_of(lambda b, x: b(Add(), x, x), {"x": VECTOR}))
    assert not (folder / "functional.py").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").touch()
    with pytest.raises(UsageError, match="no artifact"):
        emitted(module_of(lambda b, x: b(Add(), x, x), {"x": VECTOR}), "mine")


def test_a_dim_that_is_no_name_is_declared(module_of, emitted):
    """Its text has quotes of its own."""
    folder = emitted(module_of(lambda b, x: b(Add(), x, x), {"x": Tensor(F32, (symbol("p2o.Dim.0"), 3))}))
    (found,) = run(folder, {"x": ramp(2, 3)})
    assert found["y"].shape == (2, 3)


def test_a_layer_is_none_where_there_is_nothing_to_compute(module_of, emitted):
    op = Conv((1, 1), (0,) * 4, (1, 1))
    weight = np.ones((2, 3, 2, 2), np.float32)
    folder = emitted(module_of(lambda b, x: b(op, x, b.constant(weight)), {"x": Tensor(F32, (1, 3, 0, 4))}))
    (found,) = run(folder, {"x": np.zeros((1, 3, 0, 4), np.float32)})
    assert found["y"].shape == (1, 2, 0, 3)
