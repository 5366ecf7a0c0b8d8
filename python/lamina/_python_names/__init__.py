"""What Python libraries (TensorFlow, Keras, NumPy, PyTorch, JAX) call things that have another name here.

One table for each place where a name may be looked for. `name = other` means the other name of that place, or
of `a | b` the first that is there; `name = tf.other` one of tf. Anything longer is said as it stands. Names
that differ in spelling alone (`expand_dims`) need no entry.
"""

from __future__ import annotations

__all__ = ["answer", "is_known", "places_of", "tables"]

_parsed: dict[str, dict[str, str]] = {}


def tables() -> dict[str, dict[str, str]]:
    """All tables: what is meant, by place and name."""
    if not _parsed:
        from . import of_namespaces, of_objects, of_tf

        for module in (of_tf, of_objects, of_namespaces):
            for place, text in module.TABLES.items():
                lines = (line.strip().partition(" = ") for line in text.splitlines())
                _parsed[place] = {name: meant for name, _, meant in lines if meant}
    return _parsed


def answer(name: str, place: str) -> str:
    """What the table of a place says of a name; "" where it says nothing."""
    return tables().get(place, {}).get(name, "")


def is_known(name: str, place: str) -> bool:
    """Whether other libraries have the name in what corresponds to `place`, case and underscores aside."""
    from .known import KNOWN

    return name.replace("_", "").lower() in KNOWN.get(place, "").replace("_", "").lower().split()


def places_of(name: str) -> list[str]:
    """Where other libraries have the name, by our places."""
    from .known import KNOWN

    return [place for place, names in KNOWN.items() if name in names.split()]
