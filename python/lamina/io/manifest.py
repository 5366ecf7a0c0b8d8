"""model.json: what it holds, apart from where it lies.

The keys and their order are those of TensorFlow.js; a group of Lamina's own files carries `sha256`, one for
each path, which other readers pass over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .artifacts import FormatError, ModelArtifacts

__all__ = ["from_model_json", "read_groups", "to_model_json"]

OPTIONAL = ("signature", "userDefinedMetadata", "modelInitializer", "initializerSignature", "trainingConfig")
COPIED = ("format", "generatedBy", "convertedBy", *OPTIONAL)


def to_model_json(artifacts: Mapping[str, Any], manifest: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of model.json for artifacts whose weights lie where `manifest` says."""
    result = {
        "modelTopology": artifacts["modelTopology"],
        "format": artifacts.get("format"),
        "generatedBy": artifacts.get("generatedBy"),
        "convertedBy": artifacts.get("convertedBy"),
        "weightsManifest": manifest,
    }
    for key in OPTIONAL:
        if artifacts.get(key) is not None:
            result[key] = artifacts[key]
    return result


def from_model_json(content: Any, read_shard: Callable[[str, str | None], bytes]) -> ModelArtifacts:
    """The artifacts in a parsed model.json; `read_shard(path, sha256 or None)` gives the bytes of a path.

    Raises FormatError, naming the field, where the content is no layers-model.
    """
    if not isinstance(content, Mapping):
        raise FormatError(f"expected a JSON object, got {_kind(content)}")
    topology = content.get("modelTopology")
    if topology is None:
        if "class_name" in content and "config" in content:
            raise FormatError(
                "modelTopology is missing; this is an architecture alone: use tf.models.modelFromJSON"
            )
        raise FormatError("modelTopology is missing")
    if not isinstance(topology, Mapping):
        raise FormatError(f"modelTopology: expected an object, got {_kind(topology)}")
    if content.get("format") == "graph-model":
        raise FormatError("format: this is a graph-model; loadLayersModel reads layers-models only")
    artifacts = ModelArtifacts(modelTopology=topology)
    for key in COPIED:
        if content.get(key) is not None:
            artifacts[key] = content[key]
    manifest = content.get("weightsManifest")
    if manifest is not None:
        specs, parts = read_groups(manifest, read_shard)
        artifacts["weightSpecs"] = specs
        artifacts["weightData"] = parts[0] if len(parts) == 1 else b"".join(parts)
    return artifacts


def read_groups(
    manifest: Any, read_shard: Callable[[str, str | None], bytes]
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The specs of all groups, and the bytes of all their paths."""
    if not isinstance(manifest, list):
        raise FormatError(f"weightsManifest: expected a list, got {_kind(manifest)}")
    specs: list[dict[str, Any]] = []
    wanted: list[tuple[str, str | None]] = []
    for index, group in enumerate(manifest):
        where = f"weightsManifest[{index}]"
        if not isinstance(group, Mapping):
            raise FormatError(f"{where}: expected an object, got {_kind(group)}")
        paths, weights = group.get("paths"), group.get("weights")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise FormatError(f"{where}.paths: expected a list of strings, got {_kind(paths)}")
        if not isinstance(weights, list):
            raise FormatError(f"{where}.weights: expected a list, got {_kind(weights)}")
        sums = group.get("sha256")
        if sums is not None and (not isinstance(sums, list) or len(sums) != len(paths)):
            raise FormatError(f"{where}.sha256: expected one entry for each of {len(paths)} paths")
        specs.extend(weights)
        wanted.extend(zip(paths, sums or [None] * len(paths), strict=True))
    # Nothing is read before the whole manifest is known to be sound.
    return specs, [read_shard(path, checksum) for path, checksum in wanted]


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
