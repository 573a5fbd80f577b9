"""What torch's own tables say, as a JSON object: ``python -m benchmarks.torch.opinfo.database``."""

from __future__ import annotations

import json

import torch


def core() -> list[str]:
    """The overloads of the core ATen opset."""
    packets = [getattr(torch.ops.aten, name) for name in dir(torch.ops.aten)]
    overloads = [getattr(p, o) for p in packets if isinstance(p, torch._ops.OpOverloadPacket) for o in p.overloads()]
    return sorted(str(o) for o in overloads if torch.Tag.core in o.tags)


def samples() -> list[str]:
    """The names of the ops that there are samples of, in their own order."""
    from torch.testing._internal.common_methods_invocations import op_db

    return [f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name for op in op_db]


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__.partition("+")[0], "core": core(), "ops": samples()}))
