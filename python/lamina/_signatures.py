"""Signatures of ops, built from their blocks when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["of_op"]


def of_op(spec: dict[str, Any]) -> Signature:
    """The signature of an op: inputs, then attributes with their defaults."""
    from inspect import Parameter, Signature

    kind = Parameter.POSITIONAL_OR_KEYWORD
    parameters: list[Parameter] = []
    for each in spec["inputs"]:
        default = None if each["arity"] == "optional" else Parameter.empty
        # A required one behind an optional one can only come by keyword or after a None.
        if default is Parameter.empty and parameters and parameters[-1].default is not Parameter.empty:
            default = None
        parameters.append(Parameter(each["name"], kind, default=default))
    for each in spec["attrs"]:
        default = Parameter.empty if each["required"] else each["default"]
        if default is Parameter.empty and parameters and parameters[-1].default is not Parameter.empty:
            default = None
        parameters.append(Parameter(each["name"], kind, default=default))
    return Signature(parameters)
