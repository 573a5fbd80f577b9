"""Bugs that other converters had, each as the smallest model that shows it."""

from support.known_bugs import fusion, indexing, layout, numbers, quantization, recurrent, spatial
from support.known_bugs.bug import Bug

BUGS: tuple[Bug, ...] = (
    *spatial.BUGS,
    *layout.BUGS,
    *fusion.BUGS,
    *numbers.BUGS,
    *indexing.BUGS,
    *recurrent.BUGS,
    *quantization.BUGS,
)
