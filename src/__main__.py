"""``python -m interlingua``."""

from __future__ import annotations

from interlingua.cli import main

if __name__ == "__main__":
    main()
