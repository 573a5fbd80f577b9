"""Names of what is emitted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Names:
    """Unique tensor and node names across a model and all graphs inside it."""

    taken: set[str] = field(default_factory=set)

    def fresh(self, hint: str) -> str:
        """``hint``, or it with a number behind."""
        name, suffix = hint, 1
        while not name or name in self.taken:
            name, suffix = f"{hint or 'v'}_{suffix}", suffix + 1
        self.taken.add(name)
        return name
