"""Names of cases: the same in every process, as workers of one run must agree on them."""

from __future__ import annotations

import re
from typing import Any


def shown(value: Any) -> str:
    """The value in at most 40 characters, without its address."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:40]
