"""tf.layers: the functions that make layers. `tf.layers.dense({"units": 3})`, `tf.layers.dense(units=3)`.

Each module of this package that defines layers puts their functions into base.FACTORIES. A name imports the
module that `places.py` gives for it; a name that is not there imports them all.
"""

from __future__ import annotations

from sys import modules
from typing import Any

from .._borders import border
from ..serialization import complete_with
from .places import PLACES

__all__ = ["RNN", "Layer", "RNNCell", "load_all"]

_loaded = False
# What users derive their own layers from.
_CLASSES = {"Layer": "base", "RNN": "recurrent", "RNNCell": "recurrent"}


def load_all() -> dict[str, Any]:
    """Imports every module of layers and returns all functions by name."""
    global _loaded
    from .base import FACTORIES

    if not _loaded:
        from importlib import import_module
        from os import listdir

        # Not by pkgutil, which imports inspect.
        names = {
            name.partition(".")[0]
            for path in __path__
            for name in listdir(path)
            if name.endswith((".py", ".pyc"))
        }
        for name in sorted(names - {"__init__"}):
            import_module(f"{__name__}.{name}")
        _loaded = True
    return FACTORIES


def load_place(name: str) -> None:
    """Imports the module that defines a layer, given by its class name or the name of its function."""
    if name in PLACES:
        from importlib import import_module

        import_module(f"{__name__}.{PLACES[name]}")


complete_with(load_place, load_all)


@border
def __getattr__(name: str) -> Any:
    if name in _CLASSES:
        from importlib import import_module

        return getattr(import_module(f".{_CLASSES[name]}", __name__), name)
    if name.startswith("__") or f"{__name__}.{name}" in modules:
        raise AttributeError(name)
    load_place(name)
    from .base import FACTORIES

    factories = FACTORIES if name in FACTORIES else load_all()
    if name in factories:
        # Found without this function from now on.
        globals()[name] = factories[name]
        return factories[name]
    from .._names import suggest

    raise AttributeError(suggest(name, [*factories, *_CLASSES], "tf.layers"))


def __dir__() -> list[str]:
    return sorted([*load_all(), *_CLASSES])
