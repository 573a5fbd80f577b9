"""Whether any two things compute the same: sources, modules, artifacts of anybody, functions."""
