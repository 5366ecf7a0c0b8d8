"""Damage to saved models: files changed in one place, each in a way that some writer or disk might."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Key = tuple[Any, ...]
MISSING = object()

# Of each type some values, among them those that a reader may stumble over.
PROBES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    2**31,
    10**30,
    -(2**63),
    1e308,
    "",
    "no such thing",
    "../up",
    "\ud800\0",
    [],
    [[]],
    [None],
    {},
    {"class_name": "Dense"},
    {"class_name": "__import__", "config": {"x": 1}},
)


@dataclass(frozen=True)
class Change:
    """What was changed: the path of keys to the value, and the new value."""

    path: Key
    value: Any

    @property
    def id(self) -> str:
        shown = "(gone)" if self.value is MISSING else repr(self.value)[:40]
        return f"{'.'.join(map(str, self.path))}={shown}"

    def apply(self, content: Any) -> Any:
        if not self.path:
            return None if self.value is MISSING else self.value
        content = copy.deepcopy(content)
        at = content
        for key in self.path[:-1]:
            at = at[key]
        if self.value is MISSING:
            del at[self.path[-1]]
        else:
            at[self.path[-1]] = self.value
        return content


def places(value: Any, path: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Each value within a JSON value, with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def changes(content: Any) -> Iterator[Change]:
    """Every value gone, and replaced by each probe that differs from it; lists longer, shorter, turned round;
    numbers a little different.
    """
    for path, value in places(content):
        if path:
            yield Change(path, MISSING)
        for probe in PROBES:
            if not (kind(probe) == kind(value) and probe == value):
                yield Change(path, probe)
        if isinstance(value, list) and value:
            yield Change(path, value[:-1])
            yield Change(path, [*value, value[-1]])
            yield Change(path, value[::-1])
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield Change(path, value + 1)
            yield Change(path, -value)


def of_wrong_type(change: Change, content: Any) -> bool:
    """Whether no reader can take the new value for one of the type that was there."""
    if change.value is MISSING:
        return False
    at = content
    for key in change.path:
        at = at[key]
    kinds = {kind(at), kind(change.value)}
    # Sizes are one number or one for each axis.
    return len(kinds) == 2 and "NoneType" not in kinds and kinds != {"list", "number"}


def write(folder: Path, content: Any) -> None:
    (folder / "model.json").write_bytes(json.dumps(content).encode())


def copied(source: Path, folder: Path) -> Any:
    """A copy of a saved model (model.json and shards alone); gives the content of its model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.loads((source / "model.json").read_text(encoding="utf-8"))
    shutil.copy(source / "model.json", folder)
    for group in content["weightsManifest"]:
        for path in group["paths"]:
            shutil.copy(source / path, folder)
    return content


def without_checksums(content: Any) -> Any:
    """The content as another writer would have written it."""
    content = copy.deepcopy(content)
    for group in content["weightsManifest"]:
        group.pop("sha256", None)
        group.pop("jsonSha256", None)
    return content
