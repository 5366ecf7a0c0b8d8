"""A count of the attributes set on layers, models and optimizers: what was compiled before is made anew."""

from __future__ import annotations

__all__ = ["changes"]

# The first entry; a list, so that all modules share it.
changes = [0]
