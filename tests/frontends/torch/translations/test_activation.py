"""Activations, at the places where their pieces meet."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from support.torch_models import INF, NAN, Table, declined, row

EDGES = torch.tensor([-INF, -30.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 7.0, 19.0, 21.0, 30.0, INF, NAN])
FINITE = EDGES[torch.isfinite(EDGES)]

TABLE = Table(
    {
        **{
            name: row(getattr(F, name), EDGES)
            for name in [
                "relu",
                "relu6",
                "elu",
                "selu",
                "celu",
                "leaky_relu",
                "hardtanh",
                "hardsigmoid",
                "hardshrink",
                "softshrink",
                "softplus",
                "logsigmoid",
                "softsign",
                "tanhshrink",
                "rrelu",
                "hardswish",
            ]
        },
        **{name: row(getattr(F, name), FINITE) for name in ["silu", "mish", "gelu"]},
        "gelu(tanh)": row(lambda x: F.gelu(x, approximate="tanh"), FINITE),
        "elu(alpha)": row(lambda x: F.elu(x, 0.3), EDGES),
        "elu(all)": row(lambda x: torch.ops.aten.elu(x, 1.5, 2.0, 0.5), EDGES),
        "celu(alpha)": row(lambda x: F.celu(x, 0.3), EDGES),
        "leaky_relu(negative)": row(lambda x: F.leaky_relu(x, -0.2), EDGES),
        "softplus(beta)": row(lambda x: F.softplus(x, beta=2.0), EDGES),
        "softplus(low threshold)": row(lambda x: F.softplus(x, threshold=1.0), EDGES),
        "softplus(float64)": row(F.softplus, EDGES.double()),
        "hardshrink(1)": row(lambda x: F.hardshrink(x, 1.0), EDGES),
        "softshrink(1)": row(lambda x: F.softshrink(x, 1.0), EDGES),
        "threshold": row(lambda x: F.threshold(x, 0.5, -7.0), EDGES),
        "threshold(int)": row(lambda x: F.threshold(x, 1, 9), [0, 1, 2]),
        "hardtanh(int)": row(lambda x: F.hardtanh(x, -1, 2), [-5, 0, 5]),
        "relu(int)": row(F.relu, [-5, 0, 5]),
        "relu_": row(lambda x: F.relu_(x.clone()), EDGES),
        "prelu": row(F.prelu, EDGES, [0.25]),
        "prelu(channels)": row(F.prelu, [[[-1.0], [-2.0]], [[3.0], [-4.0]]], [0.25, 0.5]),
        "prelu(matrix)": row(F.prelu, [[-1.0, -2.0], [3.0, -4.0]], [0.25, 0.5]),
        "prelu(scalar)": row(F.prelu, -2.0, [0.25]),
        "glu": row(F.glu, [[1.0, -2.0, 0.5, 3.0]]),
        "glu(dim)": row(lambda x: F.glu(x, 0), [[1.0], [-2.0]]),
        "softmax": row(lambda x: F.softmax(x, -1), [[1.0, 2.0, 1000.0], [-INF, 0.0, 1.0]]),
        "softmax(NaN)": row(lambda x: F.softmax(x, 1), [[NAN, 1.0], [-INF, -INF], [INF, 0.0]]),
        "softmax(scalar)": row(lambda x: F.softmax(x, 0), 3.0),
        "softmax(dtype)": row(lambda x: F.softmax(x, 0, dtype=torch.float64), [1.0, 2.0]),
        "softmax(int)": row(lambda x: F.softmax(x, 0, dtype=torch.float32), [1, 2]),
        "softmin": row(lambda x: F.softmin(x, 0), [1.0, 2.0]),
        "log_softmax": row(lambda x: F.log_softmax(x, 0), [[1.0, 2.0], [-1000.0, 5.0]]),
        "log_softmax(scalar)": row(lambda x: F.log_softmax(x, -1), 3.0),
        "_safe_softmax": row(lambda x: torch.ops.aten._safe_softmax(x, 1), [[1.0, -INF], [-INF, -INF]]),
        "dropout(eval)": row(lambda x: F.dropout(x, 0.5, training=False), EDGES),
        "dropout(0)": row(lambda x: F.dropout(x, 0.0, training=True), EDGES),
        "native_dropout": row(lambda x: torch.native_dropout(x, 0.5, False), [1.0, NAN]),
        "native_dropout_backward": row(
            lambda g, m: torch.ops.aten.native_dropout_backward(g, m, 1.5), [1.0, -2.0, -INF], [True, False, True]
        ),
        "native_dropout_backward(int)": row(
            lambda g, m: torch.ops.aten.native_dropout_backward(g, m, 1.5), [3, -2, -7], [True, False, True]
        ),
        "native_dropout_backward(bool)": row(
            lambda g, m: torch.ops.aten.native_dropout_backward(g, m, 1.5), [True, False], [True, True]
        ),
        "alpha_dropout": row(lambda x: F.alpha_dropout(x, 0.5, training=False), EDGES),
        "symbolic": row(lambda x: F.softmax(F.gelu(x), 1), torch.ones(2, 3), again=(torch.ones(4, 5),)),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_activation(name: str) -> None:
    TABLE.hold(name)


def test_what_drops_at_random_is_declined() -> None:
    assert "at random in training" in declined(lambda x: F.dropout(x, 0.5, training=True), [1.0])
    assert "at random in training" in declined(lambda x: F.rrelu(x, training=True), [1.0])


def test_modules_share_the_rows() -> None:
    modules: dict[str, nn.Module] = {"prelu": nn.PReLU(3), "glu": nn.GLU(1), "softmax2d": nn.Softmax2d()}
    shape = {"prelu": (2, 3, 4), "glu": (2, 4), "softmax2d": (1, 3, 2, 2)}
    table = Table(
        {
            name: row(m.eval(), torch.linspace(-2, 2, torch.Size(shape[name]).numel()).reshape(shape[name]))
            for name, m in modules.items()
        }
    )
    for name in modules:
        table.hold(name)
