"""The shell door: the command ``interlingua``."""

from __future__ import annotations


def main() -> None:
    """The console script. Imported late, so that importing this package costs nothing."""
    from interlingua.cli.app import app

    app()
