"""Files of PyTorch are told apart by what is in them, and none of them runs anything."""

from __future__ import annotations

import io
import json
import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from interlingua.errors import InvalidModel
from interlingua.formats.torchfiles import Kind, harmless, kind_of, load_program, load_script

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


class Sized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.table = torch.ones(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.linear(x), self.table]) * (x.shape[0] // 2)


class Bomb:
    """Creates a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("program") / "m.pt2"
    shapes = ({0: torch.export.Dim("n", min=2)},)
    torch.export.save(torch.export.export(Sized(), (torch.ones(4, 4),), dynamic_shapes=shapes), path)
    return path


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("script") / "m.pt"
    torch.jit.script(nn.Linear(3, 3)).save(path)
    return path


def changed(source: Path, target: Path, replaced: dict[str, bytes]) -> Path:
    """A copy of an archive with members put in the place of others, or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        root = old.namelist()[0].partition("/")[0]
        for name in old.namelist():
            if name.partition("/")[2] not in replaced:
                new.writestr(name, old.read(name))
        for name, content in replaced.items():
            new.writestr(f"{root}/{name}", content)
    return target


def member(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"{archive.namelist()[0].partition('/')[0]}/{name}").decode()


def pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def test_kinds(program, script, tmp_path):
    whole, old, tensors = tmp_path / "whole.pt", tmp_path / "old.pt", tmp_path / "w.safetensors"
    torch.save(nn.Linear(2, 2), whole)
    torch.save({"w": torch.ones(2)}, old, _use_new_zipfile_serialization=False)
    from safetensors.torch import save_file

    save_file({"w": torch.ones(2)}, tensors)
    found = [kind_of(p) for p in (program, script, whole, old, tensors)]
    assert found == [Kind.PROGRAM, Kind.SCRIPT, Kind.PICKLE, Kind.PICKLE, Kind.SAFETENSORS]


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 and no more", b"hello, this is a text", b"\x00" * 64])
def test_what_is_none_of_them(content, tmp_path):
    path = tmp_path / "m.pt2"
    path.write_bytes(content)
    with pytest.raises(InvalidModel):
        kind_of(path)


def test_a_program_is_read_with_its_ranges(program):
    assert [str(r) for r in load_program(program).range_constraints.values()] == ["VR[2, int_oo]"]


@pytest.mark.parametrize(
    "name", ["data/weights/model.pt", "data/constants/model.pt", "data/aotinductor/model/model.so"]
)
def test_members_that_would_be_run_are_refused(name, program, tmp_path):
    mark = tmp_path / "mark"
    path = changed(program, tmp_path / "m.pt2", {name: pickle.dumps(Bomb(mark))})
    with pytest.raises(InvalidModel, match="would run code"):
        load_program(path)
    assert not mark.exists()


def test_pickled_weights_are_refused(program, tmp_path):
    mark = tmp_path / "mark"
    name = "data/weights/model_weights_config.json"
    config = json.loads(member(program, name))
    config["config"]["linear.bias"] |= {"use_pickle": True, "path_name": "bomb"}
    replaced = {name: json.dumps(config).encode(), "data/weights/bomb": pickled(Bomb(mark))}
    with pytest.raises(InvalidModel, match=r"'linear.bias' is pickled"):
        load_program(changed(program, tmp_path / "m.pt2", replaced))
    assert not mark.exists()


def test_examples_that_are_no_tensors_are_refused(program, tmp_path):
    mark = tmp_path / "mark"
    path = changed(program, tmp_path / "m.pt2", {"data/sample_inputs/model.pt": pickled(((Bomb(mark),), {}))})
    with pytest.raises(InvalidModel, match="example inputs are no plain tensors"):
        load_program(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("torch.ops.aten.cat.default", "torch.os.system", "no operator"),
        ("torch.ops.aten.cat.default", "torch.ops.aten.save.default", "no operator"),
        ("torch.ops.aten.cat.default", "torch.serialization.load", "no operator"),
        ('"expr_str": "Symbol(', '"expr_str": "__import__(\'os\').getcwd() or Symbol(', "no size"),
        ('"expr_str": "Symbol(', '"expr_str": "exec(\'1\') or Symbol(', "no size"),
    ],
)
def test_programs_that_call_what_is_no_operator_are_refused(old, new, message, program, tmp_path):
    text = member(program, "models/model.json")
    assert old in text
    path = changed(program, tmp_path / "m.pt2", {"models/model.json": text.replace(old, new).encode()})
    with pytest.raises(InvalidModel, match=message):
        load_program(path)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Symbol('s77', positive=True, integer=True)", True),
        ("Add(Mul(Integer(2), Symbol('s0', integer=True)), Integer(-1))", True),
        ("FloorDiv(Symbol('s0', positive=True, integer=True), Integer(2))", True),
        ("s0 + 2*s1 >= 3", True),
        ("__import__('os')", False),
        ("Symbol.__class__", False),
        ("Symbol('s0').name", False),
        ("Integer('1+1')", False),
        ("sympify('x')", False),
        ("open('x')", False),
        ("(lambda: 1)()", False),
        ("[x for x in y]", False),
        ("1 +", False),
        ("(" * 5000, False),
    ],
)
def test_expressions_that_hold_nothing_but_sizes(expression, expected):
    assert harmless(expression) is expected


def test_a_name_that_comes_twice(program, tmp_path):
    path = tmp_path / "m.pt2"
    path.write_bytes(program.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(archive.namelist()[0], b"other")
    with pytest.raises(InvalidModel, match="twice"):
        load_program(path)


def test_scripts_that_write_files_are_not_even_loaded(tmp_path):
    class Writes(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch.save(x, "stolen")
            return x

    path = tmp_path / "m.pt"
    torch.jit.script(Writes()).save(path)
    with pytest.raises(InvalidModel, match=r"calls torch\.save"):
        load_script(path)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_end_in_an_error_of_ours(seed, program, script, tmp_path):
    rng = random.Random(seed)
    source, load = ((program, load_program), (script, load_script))[seed % 2]
    content = bytearray(source.read_bytes())
    if seed % 3 == 0:
        del content[rng.randrange(len(content)) :]
    for _ in range(rng.randrange(1, 40)):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    path = tmp_path / source.name
    path.write_bytes(content)
    try:
        kind_of(path)
        load(path)
    except InvalidModel:
        pass
