"""Error bounds by element, carried through the graph beside the float64 reference.

* ``evaluate``: the walk; ``rules``: which rule bounds which op.
* ``pointwise``, ``contraction``, ``movement``, ``order``, ``convert``, ``control``: the families of rules.
* ``rounding``: what an op's own rounding may be; ``undefined``: where an op says nothing.
* ``composite``: ops that are bounded through their decomposition.
* ``explain``: where a bound comes from.
"""

from interlingua.equivalence.bounds.bounded import Bounded, Rules
from interlingua.equivalence.bounds.evaluate import Bounding

__all__ = ["Bounded", "Bounding", "Rules"]
