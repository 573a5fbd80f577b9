"""Bisection: which stage, which rewrite of it, which op, from where in the source."""
