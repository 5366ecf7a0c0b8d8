"""The name somebody probably meant: near spellings, and what Python libraries call the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["camel", "nearest", "suggest", "suggest_in_tf"]


def camel(name: str) -> str:
    """snake_case as lowerCamelCase."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def _snake(name: str) -> str:
    """lowerCamelCase as snake_case, for old camelCase spellings of Python names."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name spelled most like `name`, case aside; None when nothing is like it."""
    by_lower: dict[str, str] = {}
    for each in known:
        by_lower.setdefault(each.lower(), each)
    wanted = camel(name).lower()
    if wanted in by_lower:
        return by_lower[wanted]
    from difflib import get_close_matches

    found = get_close_matches(wanted, by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


# The table that says what is meant, by where the name was looked for; a class is found by those it derives
# from.
_PLACES = {
    "Variable": "Tensor",
    "LayersModel": "model",
    "Sequential": "model",
    "Layer": "layer",
    "Optimizer": "optimizer",
}


def _answers(name: str, places: Iterable[str]) -> str:
    """What the tables say of a name, in snake_case as well."""
    from ._python_names import answer

    for place in places:
        table = _PLACES.get(place, place)
        said = answer(name, table) or answer(_snake(name), table)
        if said:
            return said
    return ""


def suggest(
    name: str,
    available: Iterable[str],
    where: str = "tf",
    inside: Iterable[str] = (),
    places: Iterable[str] | None = None,
) -> str:
    """The message for a name that `where` ("tf", "tf.layers", "LayersModel") does not have.

    `inside`: dotted names below it ("layers.dense"), of which only the very one is suggested. `places`: the
    tables of names to look into, by default that of `where`.
    """
    known = list(available)
    missing = f"{where} has no {name!r}"
    from ._absent import absent_spelling, is_absent, replacement

    instead = replacement(name, where)
    if instead:
        return f"{missing}: {instead}."
    if is_absent(name, where):
        return f"{missing} yet: it is a part of TensorFlow.js that Lamina does not have so far."
    said = _answers(name, (where,) if places is None else places)
    if said and not _is_name(said):
        return f"{missing}: {said}."
    named = said.split(" | ") if said else []
    if named and named[0].startswith("tf."):
        return f"{missing}; did you mean {named[0]}?"
    meant = next((each for each in named if each in known), None) or _exactly(name, known)
    if meant is None:
        later = next((found for each in (*named, name) if (found := absent_spelling(each, where))), None)
        if later:
            return f"{missing}; in TensorFlow.js it is {where}.{later}, which Lamina does not have so far."
        meant = next((each for each in inside if each.rpartition(".")[2].lower() == name.lower()), None)
    if meant is None and _is_known(name, where):
        return f"{missing}, and there is no counterpart of it so far."
    meant = meant or nearest(name, known)
    return f"{missing}; did you mean {where}.{meant}?" if meant else f"{missing}."


def _exactly(name: str, known: list[str]) -> str | None:
    """The name of that spelling, case and underscores aside."""
    wanted = camel(name).lower()
    return next((each for each in known if each.lower() == wanted), None)


def _is_known(name: str, where: str) -> bool:
    from ._python_names import is_known

    return is_known(name, where)


def _is_name(said: str) -> bool:
    return all(each.replace(".", "").replace("_", "").isalnum() for each in said.split(" | "))


def suggest_in_tf(name: str, available: Iterable[str], where: str) -> str:
    """The message for a name that a namespace which other libraries fill (tf.random, tf.math) does not have:
    it may be in tf itself.
    """
    own = suggest(name, available, where)
    if "did you mean" in own:
        return own
    from sys import modules

    names = modules[__package__].__all__
    for each in (name, f"{where.rpartition('.')[2]}_{name}"):
        if camel(each) in names:
            return f"{where} has no {name!r}; did you mean tf.{camel(each)}?"
        said = _answers(each, ("tf",))
        if said:
            prefix = "" if said.startswith("tf.") else "tf."
            meant = f"; did you mean {prefix}{said}?" if _is_name(said) else f": {said}."
            return f"{where} has no {name!r}{meant}"
    return own
