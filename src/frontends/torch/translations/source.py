"""To come."""

from __future__ import annotations

from interlingua.frontends.torch.table import Table

TABLE = Table()
