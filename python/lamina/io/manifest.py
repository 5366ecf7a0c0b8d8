"""model.json: what it holds, apart from where it lies.

The keys and their order are those of TensorFlow.js. In Lamina's own files each group carries `sha256`, one
for each path, and the first one `jsonSha256`, that of the rest of the model.json; others pass over both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from .._names import nearest
from .artifacts import FormatError, ModelArtifacts, dump_json
from .shards import Shards
from .weights import check_size

__all__ = ["from_model_json", "guarded", "parse_json", "read_groups", "seal", "to_model_json"]

SEAL = "jsonSha256"

OPTIONAL = ("signature", "userDefinedMetadata", "modelInitializer", "initializerSignature", "trainingConfig")
TEXTS = ("format", "generatedBy", "convertedBy")
COPIED = (*TEXTS, *OPTIONAL)


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


def seal(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a model.json with its own checksum in it, so that no change of it goes unseen."""
    content["weightsManifest"][0][SEAL] = _checksum(content)
    return content


def _checksum(content: Any) -> str:
    from hashlib import sha256

    return sha256(dump_json(content).encode(errors="surrogatepass")).hexdigest()


def _is_unsealed(content: Mapping[str, Any], manifest: list[Any]) -> bool:
    """Whether the content is not what it was when it was sealed."""
    first = manifest[0] if manifest else {}
    if SEAL not in first or "sha256" not in first:
        return False
    rest = {key: value for key, value in first.items() if key != SEAL}
    try:
        return bool(first[SEAL] != _checksum({**content, "weightsManifest": [rest, *manifest[1:]]}))
    except ValueError:
        return True


def parse_json(text: bytes | str, source: str) -> Any:
    """The value of a JSON text. Raises FormatError, naming `source`, where it is none."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise FormatError(f"{source}: it is nested too deeply") from None
    except ValueError as error:
        raise FormatError(f"{source} is not JSON: {error}") from None


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Turns what plain Python code says of values of odd types into a FormatError about `where`."""
    try:
        yield
    except RecursionError:
        raise FormatError(f"{where}: it is nested too deeply") from None
    except FormatError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else error
        raise FormatError(f"{where}: {said}") from error


def from_model_json(content: Any, shards: Shards) -> ModelArtifacts:
    """The artifacts in a parsed model.json, with their weights out of `shards`.

    Raises FormatError, naming the field, where the content is no layers-model. Where the content has changed
    since it was saved, the artifacts say so under `damage`: what is wrong with a field is said first.
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
        value = content.get(key)
        if value is None:
            continue
        wanted: type = str if key in TEXTS else dict
        if not isinstance(value, wanted):
            what = "a string" if key in TEXTS else "an object"
            raise FormatError(f"{key}: expected {what}, got {_kind(value)}")
        artifacts[key] = value
    manifest = content.get("weightsManifest")
    if manifest is None:
        near = nearest("weightsManifest", [key for key in content if key not in COPIED])
        if near:
            raise FormatError(f"weightsManifest is missing; there is {near!r}")
        raise FormatError(
            "weightsManifest is missing, so there are no weights; for a new model with this architecture use "
            "tf.models.modelFromJSON(modelTopology)"
        )
    specs, parts = read_groups(manifest, shards)
    artifacts["weightSpecs"] = specs
    artifacts["weightData"] = parts[0] if len(parts) == 1 else b"".join(parts)
    if _is_unsealed(content, manifest):
        artifacts["damage"] = (
            "the content is not what was saved (its sha256 differs); where it was changed on purpose, "
            f"take {SEAL} out of weightsManifest[0]"
        )
    return artifacts


def read_groups(manifest: Any, shards: Shards) -> tuple[list[dict[str, Any]], list[bytes]]:
    """The specs of all groups, and the bytes of all their paths. Raises FormatError, before anything is read,
    where specs and files do not fit each other.
    """
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
        check_size(weights, sum(map(shards.size, paths)), f"{where}.")
    _check_no_path_twice([path for path, _ in wanted])
    return specs, [shards.read(path, checksum) for path, checksum in wanted]


def _check_no_path_twice(paths: list[str]) -> None:
    """A small file that stands there many times would become a large one."""
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise FormatError(f"weightsManifest: the path {path!r} stands there twice")
        seen.add(path)


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
