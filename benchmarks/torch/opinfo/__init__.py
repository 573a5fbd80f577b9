"""Torch's own samples of its ops, loaded and evaluated here: ``python -m benchmarks.torch.opinfo``."""
