"""Whether a user's own Python code may be compiled: what it can reach, and what has to stay as it is."""

from __future__ import annotations

from .verdict import Verdict
from .walk import UNKNOWN_PYTHON, classify

__all__ = ["UNKNOWN_PYTHON", "Verdict", "classify"]
