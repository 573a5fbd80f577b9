"""A custom op for PyTorch, and a plugin of Interlingua that translates it."""
