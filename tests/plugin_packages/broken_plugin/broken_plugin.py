"""A plugin that raises when it is loaded."""

raise RuntimeError("the licence server is away")
