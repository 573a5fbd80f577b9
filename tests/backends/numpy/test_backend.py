"""What the emitted program computes is what the interpreter computes, bit for bit."""

import os
import subprocess
import sys

import numpy as np
import pytest

from interlingua.backends.numpy.backend import NumpyBackend
from interlingua.errors import RuntimeCrash, RuntimeTimeout, UnsupportedOps, UsageError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.control import If, Scan, While
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.indexing import TopK
from interlingua.ir.ops.logic import Eq, Lt
from interlingua.ir.ops.reduction import ReduceSum
from interlingua.ir.ops.shape import Concat, Reshape
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.string import FullMatch, Normalize, StringConcat, StringSplit
from interlingua.ir.types import Tensor

F32, I64, BOOL = DType.F32, DType.I64, DType.BOOL
BATCH = symbol("batch")
VECTOR = Tensor(F32, (BATCH,))


def ramp(*shape: int) -> np.ndarray:
    return np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def network(b, x):
    """A convolution, an activation and an index, with weights of every size."""
    kernel = b.constant(ramp(8, 3, 3, 3), name="stem.conv/weight")
    y = b(Conv((1, 1), (1, 1, 1, 1), (1, 1)), x, kernel, b.constant(ramp(8), name="stem.conv/bias"))
    y = b(Softmax(axis=1), b(Mul(), y, b.constant(np.float32(0.1))))
    return y, *b.add_all(TopK(axis=-1), y, b.constant([2]))


def test_a_network(module_of, agrees):
    module = module_of(network, {"image": Tensor(F32, (BATCH, 3, 5, 5))}, ("y", "best", "where"))
    folder = agrees(module, {"image": ramp(2, 3, 5, 5)}, {"image": ramp(0, 3, 5, 5)})
    text = (folder / "model.py").read_text()
    assert "softmax(" in text, "a composite with a kernel is kept whole"
    assert [p.name for p in (folder / "weights").iterdir()] == ["stem_conv_weight.npy"]
    assert np.load(folder / "weights" / "stem_conv_weight.npy").tobytes() == ramp(8, 3, 3, 3).tobytes()


def test_results_without_axes_stay_arrays(module_of, agrees):
    agrees(module_of(lambda b, x: b(ReduceSum((0,)), x), {"x": VECTOR}), {"x": ramp(4)}, {"x": ramp(0)})


def test_special_constants(module_of, agrees):
    values = np.array([np.nan, np.inf, -np.inf, -0.0, 0.1, 1e-45, 16777217], np.float32)
    payload = np.array([0x7FC00001, 0xFFC00000], np.uint32).view(np.float32)

    def build(b, x):
        return b(Add(), x, b.constant(values)), b.constant(payload), b.constant([True]), b.constant(2.5)

    agrees(module_of(build, {"x": Tensor(F32, (7,))}, ("a", "b", "c", "d")), {"x": np.zeros(7, np.float32)})


@pytest.mark.parametrize("dtype", [d for d in DType if not d.needs_ml_dtypes])
def test_constants_of_every_dtype(module_of, agrees, dtype):
    via = np.str_ if dtype is DType.STRING else dtype.numpy
    small, large = (a.astype(via).astype(dtype.numpy) for a in (np.array([[0, 1], [1, 0]]), np.arange(40) % 2))
    empty = np.zeros((0, 3), dtype.numpy)
    build = lambda b: tuple(b.constant(a) for a in (small, large, empty))  # noqa: E731 - two lines more say no more
    agrees(module_of(build, {}, ("small", "large", "empty")), {})


STRINGS = Tensor(DType.STRING, (symbol("N"),))


def test_strings(module_of, agrees):
    words = np.array([f"{i}é" for i in range(40)], object)
    held = np.array([*words, "a\0"], object)  # what NumPy's own strings would lose

    def build(b, x):
        pieces, counts = b.add_all(StringSplit(","), x)
        named = b(Concat(axis=0), b(Normalize(("THE",), case="upper"), x), b.constant(words))
        return pieces, counts, named, b(FullMatch(r"\w+"), x), b(Eq(), b.constant(held), b.constant(held))

    module = module_of(build, {"x": STRINGS}, ("pieces", "counts", "words", "match", "equal"))
    agrees(module, {"x": np.array(["a,b", "", "the"], object)}, {"x": np.array(["é"])})


def test_strings_that_no_file_holds_are_told(module_of, emitted):
    module = module_of(lambda b, x: b(StringConcat(), x, b.constant("\0", DType.STRING)), {"x": STRINGS})
    runner = NumpyBackend().runner(emitted(module))
    inside, outside = runner.run([{"x": np.array(["a\0"], object)}, {"x": np.array(["a"], object)}])
    assert "NUL" in inside.error and "NUL" in outside.error
    (odd,) = runner.run([{"x": np.array([1, "a"], object)}])
    assert odd.error is not None


def branches(b, cond, x):
    def region(op):
        inner = b.region()
        v = inner.input(x.type, "x")
        return inner.outputs([inner(op, v, inner.scalar(2.0, v))])

    return b(If(), cond, x, regions=[region(Add()), region(Mul())])


def test_if(module_of, agrees):
    module = module_of(branches, {"cond": Tensor(BOOL, ()), "x": VECTOR})
    agrees(module, {"cond": np.array(True), "x": ramp(3)}, {"cond": np.array(False), "x": ramp(2)})


def loop(b, trips, x):
    """Doubles ``x`` while its sum is small; stacks what it was before."""
    body = b.region("body")
    body.input(Tensor(I64, ()), "i")
    body.input(Tensor(BOOL, ()), "cond")
    v, step = body.input(x.type, "v"), body.input(x.type, "step")
    going = body(Lt(), body(ReduceSum((0,)), v), body.scalar(100.0, v))
    graph = body.outputs([going, body(Add(), v, step), body(Mul(), v, v)])
    return b.add_all(While(carried=1, stacked=1), trips, None, x, x, regions=[graph])


@pytest.mark.parametrize("trips", [0, 1, 5])
def test_while(module_of, agrees, trips):
    module = module_of(loop, {"trips": Tensor(I64, ()), "x": VECTOR}, ("last", "stack"))
    agrees(module, {"trips": np.array(trips), "x": np.ones(3, np.float32)})


def test_a_loop_in_a_branch_knows_the_dims_around_it(module_of, agrees):
    def build(b, cond, trips, x):
        inner = b.region()
        t, v = inner.input(trips.type, "trips"), inner.input(x.type, "x")
        _, stack = loop(inner, t, inner(Softmax(), v))
        other = b.region()
        other.input(trips.type, "trips")
        w = other.input(x.type, "x")
        flat = other(Reshape(), w, other.constant([1, -1]))
        return b(If(), cond, trips, x, regions=[inner.outputs([stack]), other.outputs([flat])])

    module = module_of(build, {"cond": Tensor(BOOL, ()), "trips": Tensor(I64, ()), "x": VECTOR})
    inputs = {"trips": np.array(0), "x": ramp(3)}
    agrees(module, {"cond": np.array(True), **inputs}, {"cond": np.array(False), **inputs})


@pytest.mark.parametrize("length", [0, 4])
def test_scan(module_of, agrees, length):
    def build(b, state, xs):
        body = b.region()
        s, x = body.input(state.type, "state"), body.input(state.type, "x")
        total = body(Add(), s, x)
        op = Scan(1, 1, axes=(0,), reverse=(True,), out_axes=(1,), out_reverse=(False,))
        return b.add_all(op, state, xs, regions=[body.outputs([total, body(Mul(), total, total)])])

    module = module_of(build, {"state": VECTOR, "xs": Tensor(F32, (symbol("T"), BATCH))}, ("last", "all"))
    agrees(module, {"state": ramp(3), "xs": ramp(length, 3)})


ODD = ["input_2:0", "a/b", "file", "x", "x.npy", "class", "main", "np", "max", "größe", "", "add"]


def test_any_name_will_do(module_of, agrees):
    def build(b, *xs):
        return tuple(b(Sub(), x, b.scalar(float(i), x), name="out") for i, x in enumerate(xs))

    types = {name: Tensor(F32, (i + 1,)) for i, name in enumerate(ODD)}
    agrees(module_of(build, types, tuple(reversed(ODD))), {name: ramp(i + 1) for i, name in enumerate(ODD)})


def test_defaults(module_of, agrees):
    types = {"x": VECTOR, "w": VECTOR, "y": VECTOR}
    module = module_of(lambda b, x, w, y: b(Sub(), b(Add(), x, w), y), types, defaults={"w": ramp(20)})
    given = {"x": ramp(20), "y": ramp(20)[::-1].copy()}
    folder = agrees(module, given, {**given, "w": ramp(20) * 2})
    (outcome,) = NumpyBackend().runner(folder).run([{"x": ramp(20)}])
    assert outcome.outputs is None
    assert "'y' is missing" in outcome.error


def test_errors_are_of_one_batch_each(module_of, emitted):
    folder = emitted(module_of(lambda b, x: b(Add(), x, x), {"x": Tensor(F32, (2,))}))
    good = {"x": np.ones(2, np.float32)}
    objects = [{"x": np.array(each, object)} for each in (["a", "b"], [1, {}])]
    bad = [{"x": np.ones(3, np.float32)}, {"x": np.ones(2)}, {"z": good["x"]}, *objects, {}]
    first, *failed, last = NumpyBackend().runner(folder).run([good, *bad, good])
    assert first.outputs["y"].tolist() == last.outputs["y"].tolist() == [2, 2]
    assert all(outcome.outputs is None for outcome in failed)
    said = ["float32[2], got float32[3]", "got float64[2]", "no input 'z'", "got object[2]", "written", "argument: 'x'"]
    assert all(words in outcome.error for words, outcome in zip(said, failed, strict=True))


def test_a_program_that_ends_early(module_of, emitted):
    folder = emitted(module_of(lambda b, x: b(Add(), x, x), {"x": VECTOR}))
    program = folder / "model.py"
    text = program.read_text()
    for statement, error in (("raise SystemExit('why')", RuntimeCrash), ("while True: pass", RuntimeTimeout)):
        program.write_text(text.replace("Array = np.ndarray", statement))
        with pytest.raises(error):
            NumpyBackend().runner(folder).run([{"x": ramp(2)}], timeout=5)


def test_the_program_is_used_as_it_says(module_of, emitted, tmp_path):
    folder = emitted(module_of(network, {"image": Tensor(F32, (BATCH, 3, 5, 5))}, ("y", "best", "where")))
    np.savez(tmp_path / "in.npz", image=ramp(1, 3, 5, 5))
    command = [sys.executable, "-I", folder / "model.py", "in.npz", "out.npz"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert list(np.load(tmp_path / "out.npz")) == ["y", "best", "where"]
    usage = subprocess.run(command[:4], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert "usage:" in usage.stderr


def test_bytes_do_not_depend_on_the_process(tmp_path):
    program = (
        "import sys; from pathlib import Path; import interlingua\n"
        "from interlingua.backends.numpy.backend import NumpyBackend\n"
        "from interlingua.ir.builder import Builder; from interlingua.ir.graph import Graph, Module, Port\n"
        "from interlingua.ir.ops.activation import Gelu; from interlingua.ir.ops.norm import LayerNorm\n"
        "from interlingua.ir.types import Tensor; from interlingua.ir.dtypes import DType\n"
        "import numpy as np\n"
        "b = Builder(Graph('main')); x = b.input(Tensor(DType.F32, (2, 40)), 'x')\n"
        "w = b.constant(np.arange(40, dtype=np.float32)); y = b(Gelu(), b(LayerNorm(-1), x, w, w))\n"
        "m = Module({'main': b.outputs([y], ['y'])}, [Port('x', None)], [Port('y', None)])\n"
        "backend = NumpyBackend(); backend.emit(m, Path(sys.argv[1]), backend.target(m))\n"
    )
    found = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, folder], check=True, env=environment)
        found.append({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.*")})
    assert found[0] == found[1]
    assert set(found[0]) == {"model.py", "weights/weight.npy"}


def test_what_numpy_lacks_is_refused(module_of, emitted):
    half = Tensor(DType.BF16, (2,))
    with pytest.raises(UnsupportedOps, match=r"core\.add"):
        emitted(module_of(lambda b, x: b(Add(), x, x), {"x": half}))
    with pytest.raises(UnsupportedOps, match=r"core\.cast"):
        emitted(module_of(lambda b, x: b(Cast(F32), b(Cast(DType.F8E4M3), x)), {"x": VECTOR}))
    with pytest.raises(UnsupportedOps, match="bf16"):
        emitted(module_of(lambda b, x: x, {"x": half}))


def test_an_artifact_is_replaced_and_nothing_else_is(module_of, emitted, tmp_path):
    emitted(module_of(network, {"image": Tensor(F32, (1, 3, 5, 5))}, ("y", "best", "where")))
    folder = emitted(module_of(lambda b, x: b(ShapeOf(), x), {"x": VECTOR}))
    assert not (folder / "weights").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").touch()
    with pytest.raises(UsageError, match="no artifact"):
        emitted(module_of(lambda b, x: b(ShapeOf(), x), {"x": VECTOR}), "mine")
