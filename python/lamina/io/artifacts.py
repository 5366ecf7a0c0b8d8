"""A model as handlers see it: its topology as plain JSON data, the specs of its weights, and their bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..results import AttrDict, ModelArtifactsInfo

__all__ = ["FormatError", "ModelArtifacts", "artifacts_info", "join_bytes"]


class FormatError(ValueError):
    """A file that is no layers-model; the message names the field."""


class ModelArtifacts(AttrDict[Any]):
    """`modelTopology`, `weightSpecs`, `weightData` (bytes) and what else a model.json holds."""


def join_bytes(data: Any) -> Any:
    """Weight data as one buffer: TensorFlow.js allows a list of buffers too."""
    if isinstance(data, (list, tuple)):
        return b"".join(bytes(memoryview(part)) for part in data)
    return data


def dump_json(value: Any) -> str:
    """JSON as JavaScript writes it. Raises ValueError for NaN and infinity, which JSON does not have."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def artifacts_info(artifacts: Mapping[str, Any]) -> ModelArtifactsInfo:
    """Sizes in bytes of the parts of a model, and the time."""
    from datetime import datetime, timezone

    def size(key: str) -> int:
        value = artifacts.get(key)
        return 0 if value is None else len(dump_json(value).encode())

    data = artifacts.get("weightData")
    parts: Sequence[Any] = data if isinstance(data, (list, tuple)) else [] if data is None else [data]
    return ModelArtifactsInfo(
        dateSaved=datetime.now(timezone.utc),
        modelTopologyType="JSON",
        modelTopologyBytes=size("modelTopology"),
        weightSpecsBytes=size("weightSpecs"),
        weightDataBytes=sum(memoryview(part).nbytes for part in parts),
    )
