"""Inputs of the judge: op samples steered to a claim, graphs valid by construction, patterns with near-misses."""
