"""Recurrent layers as layers of torch.nn."""



from interlingua.ir.dims import symbol
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.rnn import Gru, Lstm
from interlingua.ir.ops.shape import Concat
from interlingua.ir.types import Tensor
from support.torch_nets import BATCH, F32, made, ramp

RECURRENT = '''\
class Model(nn.Module):
    """A model."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.LSTM(3, 4)
        self.second = nn.GRU(4, 5, bias=False)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tensor:
        first, (hidden, cell) = self.first(x, (h, c))
        second, hidden_1 = self.second(first)
        add = hidden + cell
        mul = second * hidden_1
        mul_1 = first * add
        return torch.cat((mul, mul_1), dim=2)
'''


def test_recurrent_layers(check):
    def build(net, x, h, c):
        b, usual = net.b, {"direction": "forward", "alphas": (0.0,) * 3, "betas": (0.0,) * 3}
        lstm = Lstm(activations=("sigmoid", "tanh", "tanh"), **usual)
        half = {**usual, "alphas": (0.0,) * 2, "betas": (0.0,) * 2}
        gru = Gru(activations=("sigmoid", "tanh"), linear_before_reset=True, **half)
        with net.at("first"):
            w, r, bias = net.parameter("W", 1, 16, 3), net.parameter("R", 1, 16, 4), net.parameter("B", 1, 32)
            y, hidden, cell = b.add_all(lstm, x, w, r, bias, None, h, c)
            y = b(Squeeze((1,)), y)
        with net.at("second"):
            z, last = b.add_all(gru, y, net.parameter("W2", 1, 15, 4), net.parameter("R2", 1, 15, 5))
            z = b(Squeeze((1,)), z)
        with net.at(""):
            states = b(Add(), hidden, cell)
            return b(Concat(axis=2), b(Mul(), z, last), b(Mul(), y, states))

    time, state = symbol("time"), Tensor(F32, (1, BATCH, 4))
    types = {"x": Tensor(F32, (time, BATCH, 3)), "h": state, "c": state}
    text, model = check(made(build, types), x=ramp(6, 2, 3), h=ramp(1, 2, 4), c=-ramp(1, 2, 4))
    assert text == RECURRENT
    assert len(list(model.parameters())) == 6
