"""User-defined metadata: plain JSON that travels with a model."""

from __future__ import annotations

import json
import warnings
from typing import Any

from ..errors import LaminaWarning

__all__ = ["check_metadata"]

WARN_BYTES = 1024 * 1024


def check_metadata(metadata: Any, model_name: str, check_size: bool = False) -> None:
    """Raises ValueError for anything but a dict of JSON values; warns of one that is very large."""
    if not isinstance(metadata, dict) or not _is_plain(metadata):
        raise ValueError("User-defined metadata is expected to be a JSON object, but is not.")
    if check_size:
        size = len(json.dumps(metadata))
        if size > WARN_BYTES:
            warnings.warn(
                f'User-defined metadata of model "{model_name}" is too large in size (length={size} when '
                "serialized). It is not recommended to store such large objects in user-defined metadata. "
                f"Please make sure its serialized length is <= {WARN_BYTES}.",
                LaminaWarning,
                stacklevel=2,
            )


def _is_plain(value: Any) -> bool:
    if value is None or isinstance(value, (str, bool, int, float)):
        return True
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    return isinstance(value, list) and all(map(_is_plain, value))
