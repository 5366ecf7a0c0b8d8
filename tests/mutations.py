"""Every line that is broken on purpose, each with the tests that must notice. Run by tests/mutants.py."""

from __future__ import annotations

import mutations_cpp
import mutations_python
from mutation import Mutation

__all__ = ["MUTATIONS", "Mutation"]

MUTATIONS = [*mutations_python.MUTATIONS, *mutations_cpp.MUTATIONS]
