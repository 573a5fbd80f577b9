"""The shell door."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

import interlingua
from interlingua.cli.app import app
from interlingua.cli.listing import show_listing
from interlingua.cli.options import DEFAULT_TIMEOUT, parse_inputs, parse_passes
from interlingua.cli.outcome import MEANINGS, Exit, exit_of, exit_of_error, write_report
from interlingua.cli.show import size
from interlingua.demo import MODEL
from interlingua.errors import (
    DuplicateName,
    EvaluationError,
    InvalidExternalData,
    ParseError,
    RuntimeMissing,
    RuntimeTimeout,
    UsageError,
    VerificationFailed,
)
from interlingua.plugins import Plugins
from interlingua.report import Report, Verdict
from interlingua.runtimes.base import TIMEOUT
from support.models import info, mlp, model

COMMANDS = ["convert", "optimize", "check", "verify", "compare", "inspect", "backends", "frontends", "passes", "demo"]


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.onnx"
    onnx.save(mlp(), path)
    return path


@pytest.fixture
def unsupported(tmp_path):
    nodes = [
        helper.make_node("Frobnicate", ["x"], ["h"], name="first", domain="odd.domain"),
        helper.make_node("Defenestrate", ["h"], ["y"], name="second", domain="odd.domain"),
    ]
    graph = helper.make_graph(nodes, "g", [info("x", [2])], [info("y", [2])])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("odd.domain", 1)]
    path = tmp_path / "odd.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


class TestInputs:
    @pytest.mark.parametrize(
        ("text", "name", "dims"),
        [
            ("image:1,3,640,640", "image", [1, 3, 640, 640]),
            ("image:batch,3,?,w_2", "image", ["batch", 3, None, "w_2"]),
            ("serving_default_input_2:0:1,43844,1", "serving_default_input_2:0", [1, 43844, 1]),
            ("a/b c: 1, 2", "a/b c", [1, 2]),
            ("scalar:", "scalar", []),
            ("empty:0", "empty", [0]),
        ],
    )
    def test_the_last_colon_separates(self, text, name, dims):
        assert parse_inputs([text]) == {name: dims}

    def test_several(self):
        assert parse_inputs(["a:1", "b:2,n"]) == {"a": [1], "b": [2, "n"]}
        assert parse_inputs(None) == {}

    @pytest.mark.parametrize("given", [["image"], [":1,2"], ["x:1,,2"], ["x:-1"], ["x:1.5"], ["x:1", "x:2"]])
    def test_nonsense_is_a_usage_error(self, given):
        with pytest.raises(UsageError):
            parse_inputs(given)

    def test_passes_come_singly_or_in_lists(self):
        assert parse_passes(None) is None
        assert parse_passes(["minimal", "fold-constants, default"]) == [
            "minimal",
            "fold-constants",
            "default",
        ]


class TestConvert:
    def test_a_verified_artifact(self, source, tmp_path):
        output, report = tmp_path / "out.onnx", tmp_path / "report.json"
        result = run("convert", source, "-o", output, "--report", report)
        assert result.exit_code == Exit.OK, result.output
        assert "VERIFIED" in result.stdout
        assert onnx.load(output).graph.input[0].name == "x"
        data = json.loads(report.read_text())
        assert data["verdict"] == "VERIFIED"
        assert data["comparisons"]

    def test_the_artifact_has_a_name_of_its_own_by_default(self, source, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert run("convert", source, "--to", "numpy", "--no-verify").exit_code == Exit.OK
        assert (tmp_path / "source.numpy" / "model.py").is_file()
        again = run("convert", source, "--to", "numpy", "--no-verify")
        assert again.exit_code == Exit.USAGE
        assert "there already" in again.stderr

    def test_the_source_is_never_replaced(self, source):
        before = source.read_bytes()
        result = run("convert", source, "-o", source)
        assert result.exit_code == Exit.USAGE
        assert source.read_bytes() == before

    def test_dims_are_fixed_by_input(self, source, tmp_path):
        output = tmp_path / "out.onnx"
        assert run("convert", source, "-o", output, "--input", "x:7,4").exit_code == Exit.OK
        dims = onnx.load(output).graph.input[0].type.tensor_type.shape.dim
        assert [d.dim_value for d in dims] == [7, 4]

    def test_opset_and_passes(self, source, tmp_path):
        output = tmp_path / "out.onnx"
        options = ["--opset", 15, "--pass", "minimal", "--seed", 3, "-v"]
        result = run("convert", source, "-o", output, *options)
        assert result.exit_code == Exit.OK, result.output
        assert onnx.load(output).opset_import[0].version == 15
        assert "verify:" in result.stdout

    def test_examples_replace_generated_inputs(self, source, tmp_path):
        np.savez(tmp_path / "one.npz", x=np.ones((3, 4), np.float32))
        result = run("convert", source, "-o", tmp_path / "out.onnx", "--example", tmp_path / "one.npz")
        assert result.exit_code == Exit.OK, result.output
        assert "1 set(s): example 0" in result.stdout

    @pytest.mark.parametrize(
        "options",
        [
            ["--to", "nowhere"],
            ["-o", "out.xyz"],
            [],
            ["-o", "out.onnx", "--opset", "3"],
            ["-o", "out.numpy", "--opset", "17"],
            ["-o", "out.onnx", "--input", "nobody:1,4"],
            ["-o", "out.onnx", "--pass", "nothing"],
            ["-o", "missing-folder/out.onnx"],
            ["-o", "out.onnx", "--example", "missing.npz"],
            ["--no-such-option"],
        ],
    )
    def test_usage(self, options, source, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        result = run("convert", source, *options)
        assert result.exit_code == Exit.USAGE, result.output
        assert [p.name for p in tmp_path.iterdir()] == [source.name]

    def test_passes_and_rules_are_chosen(self, source, tmp_path):
        options = ["--only", "minimal", "--skip", "eliminate-dead-code"]
        assert run("convert", source, "-o", tmp_path / "a.onnx", *options).exit_code == Exit.USAGE
        options = ["--skip", "simplify", "--option", "fold-constants.limit=4"]
        result = run("convert", source, "-o", tmp_path / "b.onnx", *options)
        assert result.exit_code == Exit.OK, result.output

    def test_a_missing_file(self, tmp_path):
        result = run("convert", tmp_path / "none.onnx", "-o", tmp_path / "out.onnx")
        assert result.exit_code == Exit.USAGE
        assert "none.onnx" in result.stderr

    def test_a_damaged_model(self, tmp_path):
        (tmp_path / "bad.onnx").write_bytes(b"\xff" * 100)
        report = tmp_path / "report.json"
        options = ["-o", tmp_path / "out.onnx", "--report", report]
        result = run("convert", tmp_path / "bad.onnx", *options)
        assert result.exit_code == Exit.INVALID_MODEL
        assert "what to do" in result.stderr
        assert "Traceback" not in result.stderr
        assert json.loads(report.read_text())["error"]["kind"] == "InvalidModel"

    def test_verbose_tells_the_traceback(self, tmp_path):
        (tmp_path / "bad.onnx").write_bytes(b"\xff" * 100)
        result = run("convert", tmp_path / "bad.onnx", "-o", tmp_path / "out.onnx", "-v")
        assert "Traceback" in result.stderr

    def test_everything_unsupported_at_once(self, unsupported, tmp_path):
        report = tmp_path / "report.json"
        result = run("convert", unsupported, "-o", tmp_path / "out.onnx", "--report", report)
        assert result.exit_code == Exit.UNSUPPORTED
        assert "Frobnicate" in result.stderr
        assert "second" in result.stderr
        data = json.loads(report.read_text())
        assert data["verdict"] == "UNSUPPORTED"
        assert len(data["unsupported"]) == 2

    def test_a_timeout_leaves_nothing(self, source, tmp_path):
        output = tmp_path / "out.onnx"
        result = run("convert", source, "-o", output, "--timeout", "0.001")
        assert result.exit_code == Exit.CRASH
        assert "TIMEOUT" in result.stderr
        assert not output.exists()

    def test_what_failed_is_kept_where_allowed(self, source, tmp_path):
        output = tmp_path / "out.onnx"
        result = run("convert", source, "-o", output, "--timeout", "0.001", "--allow-unverified")
        assert result.exit_code == Exit.CRASH
        assert output.exists()

    def test_no_evidence_is_not_success(self, tmp_path):
        nodes = [
            helper.make_node("Mul", ["x", "x"], ["s"]),
            helper.make_node("Sub", ["minus", "s"], ["m"]),
            helper.make_node("Sqrt", ["m"], ["y"]),
        ]
        weights = {"minus": np.array(-1, np.float32)}
        onnx.save(model(nodes, [info("x", [2])], [info("y", [2])], weights), tmp_path / "nan.onnx")
        result = run("convert", tmp_path / "nan.onnx", "-o", tmp_path / "out.onnx")
        assert result.exit_code == Exit.UNVERIFIED, result.output
        assert "UNVERIFIED" in result.stdout
        quiet = run("convert", tmp_path / "nan.onnx", "-o", tmp_path / "out.onnx", "--no-verify")
        assert quiet.exit_code == Exit.OK


class TestCheck:
    def test_supported(self, source):
        result = run("check", source, "--to", "onnx", "--input", "x:?,4")
        assert result.exit_code == Exit.OK, result.output
        assert "SUPPORTED" in result.stdout

    @pytest.mark.parametrize("options", [[], ["--input", "x:2"]])
    def test_unsupported(self, options, unsupported):
        result = run("check", unsupported, "--to", "numpy", *options)
        assert result.exit_code == Exit.UNSUPPORTED
        assert "Frobnicate" in result.output
        assert "Defenestrate" in result.output


class TestVerify:
    def test_itself(self, source):
        result = run("verify", source, source)
        assert result.exit_code == Exit.OK, result.output

    def test_a_mismatch(self, source, tmp_path):
        other = mlp()
        other.graph.node[2].op_type = "Sigmoid"
        onnx.save(other, tmp_path / "other.onnx")
        report = tmp_path / "report.json"
        result = run("verify", source, tmp_path / "other.onnx", "--report", report)
        assert result.exit_code == Exit.MISMATCH
        assert "MISMATCH" in result.stdout
        assert json.loads(report.read_text())["verdict"] == "MISMATCH"

    def test_a_runtime_that_refuses(self, source, tmp_path):
        (tmp_path / "bad.onnx").write_bytes(b"nothing")
        assert run("verify", source, tmp_path / "bad.onnx").exit_code == Exit.CRASH


class TestInspect:
    def test_what_is_in_it(self):
        result = run("inspect", MODEL)
        assert result.exit_code == Exit.OK
        assert "f32[batch, 1, 8, 8]" in result.stdout
        assert "core.conv" in result.stdout
        assert "kB" in result.stdout

    def test_the_text_form_is_whole(self):
        result = run("inspect", MODEL, "--text")
        assert result.stdout == str(interlingua.load(MODEL))

    def test_long_names_are_whole(self, tmp_path):
        name = "a" * 300
        nodes = [helper.make_node("Relu", [name], ["y"])]
        onnx.save(model(nodes, [info(name, [2])], [info("y", [2])]), tmp_path / "long.onnx")
        assert name in run("inspect", tmp_path / "long.onnx").stdout

    def test_no_inputs_and_no_weights(self, tmp_path):
        nodes = [helper.make_node("Constant", [], ["y"], value_int=3)]
        onnx.save(model(nodes, [], [info("y", [], TensorProto.INT64)]), tmp_path / "constant.onnx")
        assert run("inspect", tmp_path / "constant.onnx").exit_code == Exit.OK

    def test_dims_given(self):
        assert "f32[5, 1, 8, 8]" in run("inspect", MODEL, "--input", "image:5,1,8,8").stdout


class TestListings:
    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ("backends", ["onnx", "numpy", ".onnx", "interlingua"]),
            ("frontends", ["onnx", "archive", ".il"]),
            ("passes", ["fold-constants", "exact", "default"]),
        ],
    )
    def test_names_and_owners(self, command, expected):
        result = run(command)
        assert result.exit_code == Exit.OK
        assert all(word in result.stdout for word in expected)
        assert "``" not in result.stdout

    def test_a_broken_plugin_is_listed_with_its_reason(self, capsys):
        broken = EntryPoint("broken", "no_such_module_anywhere", "interlingua")
        show_listing("backends", lambda b: b.extension, Plugins([broken]))
        shown = capsys.readouterr().out
        assert "numpy" in shown
        assert "broken (no_such_module_anywhere)" in shown
        assert "ModuleNotFoundError" in shown


class TestExits:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UsageError("x"), Exit.USAGE),
            (InvalidExternalData("x"), Exit.INVALID_MODEL),
            (ParseError("x"), Exit.INVALID_MODEL),
            (RuntimeMissing("x"), Exit.OTHER),
            (RuntimeTimeout("x"), Exit.CRASH),
            (EvaluationError("x"), Exit.OTHER),
            (DuplicateName("x"), Exit.OTHER),
            (VerificationFailed("x"), Exit.OTHER),
        ],
    )
    def test_of_an_error(self, error, code):
        assert exit_of_error(error) is code

    def test_of_evidence(self):
        error = VerificationFailed("x")
        error.report = Report(Verdict.MISMATCH)
        assert exit_of_error(error) is Exit.MISMATCH
        assert {exit_of(v) for v in Verdict} <= set(Exit)

    def test_all_are_documented(self):
        assert set(MEANINGS) == set(Exit)
        epilog = app.info.epilog
        assert all(f"{code.value} {meaning}" in epilog for code, meaning in MEANINGS.items())

    def test_a_report_has_no_infinite_number(self, tmp_path):
        write_report(tmp_path / "report.json", {"a": [float("inf"), float("nan"), 1.5]})
        assert json.loads((tmp_path / "report.json").read_text()) == {"a": ["inf", "nan", 1.5]}


class TestProgram:
    def test_help_names_every_command(self):
        result = run("--help")
        assert result.exit_code == Exit.OK
        assert all(command in result.stdout for command in COMMANDS)

    def test_the_shell_waits_as_long_as_python_does(self):
        assert DEFAULT_TIMEOUT == TIMEOUT

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_of_each(self, command):
        assert run(command, "--help").exit_code == Exit.OK

    def test_as_a_module(self):
        done = subprocess.run(
            [sys.executable, "-m", "interlingua", "--version"], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout.strip()) == (0, f"interlingua {interlingua.__version__}")

    def test_a_missing_package_is_told_with_the_extra_that_brings_it(self):
        code = (
            "import sys\n"
            "sys.modules['onnx'] = None\n"
            "from interlingua.cli import main\n"
            f"sys.argv = ['interlingua', 'inspect', {str(MODEL)!r}]\n"
            "main()\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == Exit.OTHER
        assert "pip install 'interlingua[onnx]'" in done.stderr
        assert "Traceback" not in done.stderr

    def test_help_loads_no_framework(self):
        code = (
            "import sys\n"
            "from interlingua.cli import main\n"
            "sys.argv = ['interlingua', '--help']\n"
            "try:\n    main()\n"
            "except SystemExit as end:\n    assert not end.code\n"
            "print([m for m in ('numpy', 'onnx', 'onnxruntime') if m in sys.modules], file=sys.stderr)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stderr.strip()) == (0, "[]")

    @pytest.mark.parametrize(
        ("count", "shown"),
        [(0, "0 B"), (999, "999 B"), (25_381, "25.4 kB"), (8_000_000_000, "8.0 GB"), (2e15, "2000.0 TB")],
    )
    def test_sizes(self, count, shown):
        assert size(count) == shown
