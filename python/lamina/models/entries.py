"""The kinds of options that describe the graph of a model's config."""

from __future__ import annotations

from typing import Any

from ..kinds import Kind

__all__ = ["LAYERS", "REFERENCES"]


class LayerEntries(Kind):
    """The `layers` of a model's config; the class of each entry says how it is spelled."""

    expected = "a list of layer configs"
    annotation = "list[dict[str, Any]]"

    def to_json(self, value: Any) -> Any:
        from .topology import entry_to_json

        return [entry_to_json(entry) for entry in value]


class References(Kind):
    """`[[layer name, node index, tensor index], ...]`"""

    expected = "a list of [layer name, node index, tensor index]"
    annotation = "list[list[Any]]"


LAYERS = LayerEntries()
REFERENCES = References()
