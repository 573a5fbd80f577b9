"""Plugins in packages of their own, found in a fresh process as an installed package is."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from interlingua.errors import DuplicateName, IncompatiblePlugin, UsageError
from interlingua.plugins import API_VERSION, GROUP, Plugins, hookimpl
from support.text import MLP

PACKAGES = Path(__file__).parent / "plugin_packages"
FINITE = MLP.replace("-inf", "2.0").replace("inf", "0.25")


def installed(names: tuple[str, ...], folder: Path) -> str:
    """A search path on which the packages are installed: their code, and the metadata of an installer."""
    for name in names:
        project = tomllib.loads((PACKAGES / name / "pyproject.toml").read_text())["project"]
        info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        entries = "\n".join(f"{key} = {value}" for key, value in project["entry-points"][GROUP].items())
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entries}\n")
    return os.pathsep.join([str(folder), *(str(PACKAGES / name) for name in names)])


def python(code: str, *names: str, folder: Path) -> Any:
    """What the code prints last, as JSON, in a process that has the packages."""
    environment = {**os.environ, "PYTHONPATH": installed(names, folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_backend_of_a_package_converts_and_verifies(tmp_path: Path) -> None:
    (tmp_path / "mlp.il").write_text(FINITE)
    found = python(
        """
import json, interlingua
from interlingua.plugins import plugins
made = interlingua.convert("mlp.il", to="toy", output="out.toy")
again = interlingua.verify("mlp.il", "out.toy")
outputs = made.run([[[1.0, 2.0, 3.0, 4.0]]])
shown = made.verdict.value, again.verdict.value, made.report.runtime
print(json.dumps([list(plugins().backends), *shown, outputs["y"].tolist()]))
""",
        "toy_backend",
        folder=tmp_path,
    )
    names, verdict, again, runtime, outputs = found
    assert names == ["onnx", "numpy", "torch", "litert", "toy"]
    assert (verdict, again, runtime) == ("VERIFIED", "VERIFIED", "the toy runtime")
    assert abs(sum(outputs[0]) - 1) < 1e-6
    files = sorted(p.name for p in tmp_path.glob("out.toy*"))
    assert files[0] == "out.toy"
    assert all(name.endswith(".npy") for name in files[1:])
    assert len(files) > 1


def test_check_says_what_the_backend_of_a_package_lacks(tmp_path: Path) -> None:
    (tmp_path / "sin.il").write_text(FINITE.replace("nn.softmax(%h) {axis = -1}", "core.sin(%h)"))
    found = python(
        """
import json, interlingua
report = interlingua.check("sin.il", to="toy")
print(json.dumps([report.verdict.value, report.unsupported]))
""",
        "toy_backend",
        folder=tmp_path,
    )
    assert found == ["UNSUPPORTED", {"core.sin: no lowering": ["%y"]}]


SCALED = """interlingua 1
input "x" ["n", 2]
output "y" ["n", 2]
func @main(%x: f32[n, 2]) {
  %s = opaque.op(%x) {domain = "ai.onnx.ml", callee = "CALLEE", version = 1, results = ["f32[n, 2]"],
    settings = "{\\"offset\\": [1.0, 2.0], \\"scale\\": [3.0, 0.5]}"} : f32[n, 2]
  %y = core.exp(%s) : f32[n, 2]
  return %y as "y"
}
"""


def test_a_backend_may_claim_what_is_opaque_and_the_verdict_says_that_nobody_could_judge(tmp_path: Path) -> None:
    (tmp_path / "scaled.il").write_text(SCALED.replace("CALLEE", "Scaler"))
    (tmp_path / "other.il").write_text(SCALED.replace("CALLEE", "Normalizer"))
    found = python(
        """
import json, interlingua
made = interlingua.convert("scaled.il", to="toy", output="out.toy")
outputs = made.run([[[1.0, 6.0]]])
refused = interlingua.check("other.il", to="toy").unsupported
print(json.dumps([made.verdict.value, made.report.reason, outputs["y"].tolist(), refused]))
""",
        "toy_backend",
        folder=tmp_path,
    )
    verdict, reason, outputs, refused = found
    assert verdict == "UNVERIFIED"
    assert "ai.onnx.ml:Scaler" in reason
    assert outputs[0][0] == 1.0
    assert abs(outputs[0][1] - 7.389056) < 1e-5
    assert refused == {"ai.onnx.ml:Normalizer: it is no Scaler": ["%s"]}


def test_plugins_that_fail_are_reported_and_the_others_go_on(tmp_path: Path) -> None:
    found = python(
        """
import json
from interlingua.plugins import plugins
host = plugins()
problems = [[p.plugin, type(p.error).__name__, str(p.error)] for p in host.problems]
print(json.dumps([list(host.backends), problems]))
""",
        "toy_backend",
        "broken_plugin",
        "old_plugin",
        folder=tmp_path,
    )
    names, problems = found
    assert "toy" in names
    assert [(p[0], p[1]) for p in problems] == [
        ("broken (broken_plugin)", "PluginError"),
        ("old (old_plugin)", "IncompatiblePlugin"),
    ]
    assert "RuntimeError: the licence server is away" in problems[0][2]
    assert f"written for plugin interface 0, this is {API_VERSION}" in problems[1][2]


def test_two_owners_of_a_name_are_both_named(tmp_path: Path) -> None:
    found = python(
        """
import json, interlingua
from interlingua.errors import DuplicateName
try:
    interlingua.check("x.onnx", to="onnx")
except DuplicateName as error:
    print(json.dumps(str(error)))
""",
        "rival_backend",
        folder=tmp_path,
    )
    assert "'onnx' is provided by both interlingua and rival (rival_backend)" in found
    assert "uninstall one" in found


class Entry:
    """An entry point that gives an object."""

    def __init__(self, plugin: object, name: str = "p") -> None:
        self.plugin, self.name, self.value = plugin, name, f"{name}_module"

    def load(self) -> object:
        return self.plugin


def host(*plugins: object) -> Plugins:
    return Plugins([Entry(p, f"p{i}") for i, p in enumerate(plugins)])  # type: ignore[misc]


class Raising:
    """Its hook raises."""

    INTERLINGUA_API = API_VERSION

    @hookimpl
    def interlingua_passes(self) -> list[type]:
        raise ValueError("no")


def test_a_hook_that_raises_is_reported_once() -> None:
    found = host(Raising())
    assert "fold-constants" in found.passes
    assert "fold-constants" in found.passes
    assert [str(p.error) for p in found.problems] == [
        "interlingua_passes of the plugin p0 (p0_module) fails: ValueError: no"
    ]


def test_a_plugin_without_a_version_is_incompatible() -> None:
    found = host(object())
    assert isinstance(found.problems[0].error, IncompatiblePlugin)
    assert "None" in str(found.problems[0].error)


class Dialects:
    """Provides the dialect ``nn`` again."""

    INTERLINGUA_API = API_VERSION

    @hookimpl
    def interlingua_dialects(self) -> list[object]:
        from interlingua.ir.dialect import Dialect

        return [Dialect("nn")]


def test_duplicates_of_any_kind_are_errors() -> None:
    with pytest.raises(DuplicateName, match="'nn' is provided by both interlingua and p0"):
        _ = host(Dialects()).dialects


def test_unknown_names_are_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no backend is called 'toy'") as caught:
        host().backend("toy")
    assert caught.value.hint == "there are: onnx, numpy, torch, litert"
    with pytest.raises(UsageError, match="no frontend is called 'toy'"):
        host().frontend("toy")


class Translations:
    """Brings translations for a frontend."""

    INTERLINGUA_API = API_VERSION

    def __init__(self, frontend: str, table: object) -> None:
        self.found = {frontend: table}

    @hookimpl
    def interlingua_translations(self) -> dict[str, object]:
        return self.found


@pytest.mark.parametrize(
    ("frontend", "table", "message"),
    [
        ("torch", "no table", "brings a str for the torch frontend"),
        ("onnx", None, "takes none of plugins"),
        ("toy", None, "no frontend is called 'toy'"),
    ],
)
def test_translations_that_cannot_be_used_are_reported_once(frontend: str, table: object, message: str) -> None:
    found = host(Translations(frontend, table))
    for _ in range(2):
        assert "torch" in found.frontends
    (problem,) = found.problems
    assert problem.plugin.startswith("p0")
    assert message in str(problem.error)


def test_translations_of_a_package_convert_its_custom_op_and_verify(tmp_path: Path) -> None:
    found = python(
        """
import json, torch, interlingua, swiglu_op.op

class Gated(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 8)

    def forward(self, x):
        return torch.ops.acme.swiglu(self.linear(x), 0.5)

made = interlingua.convert(
    Gated(), to="onnx", example_inputs=(torch.ones(3, 4),), dynamic_shapes=(("batch", None),)
)
print(json.dumps([made.verdict.value, made.report.cases]))
""",
        "swiglu_op",
        folder=tmp_path,
    )
    assert found == ["VERIFIED", ["batch=1", "batch=2", "batch=3", "batch=5"]]


class Runtimes:
    """Provides a runtime of its own, and one whose name is taken."""

    INTERLINGUA_API = API_VERSION

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def interlingua_runtimes(self) -> list[object]:
        return [self]


def test_a_runtime_of_a_plugin_is_found_and_its_name_is_its_own() -> None:
    assert list(host(Runtimes("mine")).runtimes) == ["onnxruntime", "litert", "numpy", "torch", "mine"]
    with pytest.raises(DuplicateName, match="'litert' is provided by both interlingua and p0"):
        _ = host(Runtimes("litert")).runtimes


def test_the_built_ins_come_through_the_same_hooks() -> None:
    found = host()
    assert {"onnx", "archive"} <= set(found.frontends)
    assert {"onnx", "numpy"} <= set(found.backends)
    assert {"core", "nn"} <= set(found.dialects)
    assert not found.problems
