"""Classes by name, and objects as plain data: `{"className": ..., "config": {...}}`, or the same as JSON
spells it.

In Python names are lowerCamelCase; in JSON, as Keras writes it, keys and the strings of enumerations are
snake_case. The declared options of a class say which is which, so nothing else is touched: names, file paths,
a user's strings. A class without declared options is written word for word and marked so (`"config_spelling":
"verbatim"`).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from .config import Configurable, Factory, class_name
from .kinds import Kind, Wrong, to_camel_case, to_snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "ObjectKind",
    "Serializable",
    "SerializationMap",
    "complete_with",
    "custom_objects",
    "deserialize",
    "find_class",
    "from_json",
    "getRegisteredName",
    "lookup",
    "public",
    "registerClass",
    "serialize",
    "to_json",
]

Serializable = Configurable

C = TypeVar("C", bound=type)

_MARK = "config_spelling"
_VERBATIM = "verbatim"


class SerializationMap:
    """The registered classes. `SerializationMap.getMap().classNameMap` maps a class name to its class."""

    _instance: SerializationMap | None = None

    def __init__(self) -> None:
        self.classNameMap: dict[str, type] = {}

    @staticmethod
    def getMap() -> SerializationMap:
        if SerializationMap._instance is None:
            SerializationMap._instance = SerializationMap()
        return SerializationMap._instance

    @staticmethod
    def register(registered: type) -> None:
        SerializationMap.getMap().classNameMap[class_name(registered)] = registered


_registered_names: dict[type, str] = {}
_places: list[Callable[[str], object]] = []
_completions: list[Callable[[], object]] = []
_local = threading.local()


def complete_with(load: Callable[[str], object], load_all: Callable[[], object]) -> None:
    """For classes in modules that are imported late: `load(name)` is called before a name is looked up, and
    `load_all` before it counts as unknown.
    """
    _places.append(load)
    _completions.append(load_all)


def registerClass(cls: C, pkg: str | None = None, name: str | None = None) -> C:
    """Makes a class known by its `className`, or else by its own name, so that configs and files can name it.
    Also usable as a decorator.

    `pkg` and `name` make the name that getRegisteredName() answers, by default "Custom>" and the className.
    """
    SerializationMap.register(cls)
    _registered_names[cls] = f"{pkg or 'Custom'}>{name or class_name(cls)}"
    return cls


def getRegisteredName(cls: type) -> str:
    """ "package>name" of a class given to registerClass(), else its className."""
    return _registered_names.get(cls) or class_name(cls)


def public(
    table: dict[str, Factory],
    namespace: str,
    name: str,
    *aliases: str,
    positional: tuple[str, ...] = (),
    class_names: tuple[str, ...] = (),
) -> Callable[[C], C]:
    """Decorates a class of Lamina: registers it and puts its factory into `table` under its public names.

    `class_names` are further names by which files know the class (Keras' own).
    """

    def decorate(cls: C) -> C:
        SerializationMap.register(cls)
        for each in class_names:
            SerializationMap.getMap().classNameMap[each] = cls
        factory = Factory(cls, f"{namespace}.{name}", positional)
        for each in (name, *aliases):
            table[each] = factory
        return cls

    return decorate


def lookup(
    table: Mapping[str, Any], where: str, names: list[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a module whose public names are in `table`."""

    def __getattr__(name: str) -> Any:
        if name in table:
            return table[name]
        if name.startswith("__"):
            raise AttributeError(name)
        from ._names import suggest

        raise AttributeError(suggest(name, table, where))

    return __getattr__, lambda: [*names, *table]


@contextmanager
def custom_objects(classes: Mapping[str, type] | None) -> Iterator[None]:
    """Inside, `classes` are found by name before the registered ones, at every depth of a config."""
    outer: dict[str, type] = getattr(_local, "classes", {})
    _local.classes = {**outer, **(classes or {})}
    try:
        yield
    finally:
        _local.classes = outer


def find_class(name: str, base: type = object, what: str = "object") -> type:
    """The class of that name which is a kind of `base`. Raises ValueError where there is none."""
    own: dict[str, type] = getattr(_local, "classes", {})
    known = SerializationMap.getMap().classNameMap
    steps = [lambda: None, lambda: [load(name) for load in _places], *_completions]
    for step in steps:
        step()
        found = own.get(name) or known.get(name)
        if found is not None and issubclass(found, base):
            return found
    candidates = [each for each, cls in {**known, **own}.items() if issubclass(cls, base)]
    from ._names import nearest

    near = nearest(name, candidates)
    hint = f" Did you mean {near}?" if near else ""
    raise ValueError(
        f"Unknown {what}: {name}.{hint} A class of your own must be registered with "
        "tf.serialization.registerClass() or passed as a custom object."
    )


def serialize(instance: Any) -> dict[str, Any] | None:
    """`{"className": ..., "config": ...}` of an object; None stays None."""
    if instance is None:
        return None
    return {"className": instance.getClassName(), "config": instance.getConfig()}


def deserialize(
    spec: Any, base: type = object, what: str = "object", customObjects: Mapping[str, type] | None = None
) -> Any:
    """The object that a class name or a `{"className": ..., "config": ...}` (in either spelling)
    describes.
    """
    with custom_objects(customObjects):
        if isinstance(spec, str):
            return find_class(spec, base, what)()
        spec = from_json(spec) if isinstance(spec, dict) else spec
        name = spec.get("className") if isinstance(spec, dict) else None
        config = spec.get("config") if isinstance(spec, dict) else None
        if not isinstance(name, str) or not isinstance(config, dict):
            raise ValueError(
                f"{what}: Improper config format: {spec!r}. 'className' and 'config' must be set."
            )
        cls: Any = find_class(name, base, what)
        return cls.fromConfig(config)


def to_json(spec: dict[str, Any]) -> dict[str, Any]:
    """`{"className", "config"}` as JSON spells it: `{"class_name", "config"}` with snake_case keys and
    enumerations.
    """
    name, config = spec["className"], spec["config"]
    cls = _class_or_none(name)
    if not (isinstance(cls, type) and issubclass(cls, Configurable)):
        return {"class_name": name, "config": config, _MARK: _VERBATIM}
    options = cls.option_set().options
    written: dict[str, Any] = {}
    verbatim = False
    for key, value in config.items():
        option = options.get(key)
        if option is None:
            written[key] = value
            verbatim = True
        else:
            written[option.json_name] = None if value is None else option.kind.to_json(value)
    result = {"class_name": name, "config": written}
    if verbatim:
        result[_MARK] = _VERBATIM
    return result


def from_json(spec: dict[str, Any]) -> dict[str, Any]:
    """The reverse of to_json(). Takes both spellings, and what TensorFlow.js and Keras write."""
    name = spec.get("className", spec.get("class_name"))
    config = spec.get("config")
    if not isinstance(name, str) or not isinstance(config, dict):
        raise ValueError(f"Improper config format: {spec!r}. 'className' and 'config' must be set.")
    cls = _class_or_none(name)
    verbatim = spec.get(_MARK) == _VERBATIM
    known = cls.option_set() if isinstance(cls, type) and issubclass(cls, Configurable) else None
    read: dict[str, Any] = {}
    for key, value in config.items():
        camel = to_camel_case(key)
        option = known.find(key) or known.find(camel) if known is not None else None
        value = _scalar(value)
        if option is not None:
            try:
                read[option.name] = None if value is None else option.kind.from_json(value)
            except ValueError as error:
                raise ValueError(f"{name}.{key}: {error}") from error
        elif verbatim:
            read[key] = value
        else:
            read[camel] = _camel_keys(value)
    return {"className": name, "config": read}


def _class_or_none(name: str) -> type | None:
    try:
        return find_class(name)
    except ValueError:
        return None


def _scalar(value: Any) -> Any:
    """A number that Keras wrote as a NumPy scalar: {"type": "ndarray", "value": 0.5}."""
    if (
        isinstance(value, dict)
        and value.get("type") == "ndarray"
        and isinstance(value.get("value"), (int, float))
    ):
        return value["value"]
    return value


def _camel_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel_keys(item) for item in value]
    if isinstance(value, dict):
        return {to_camel_case(key): _camel_keys(item) for key, item in value.items()}
    return value


class ObjectKind(Kind):
    """An object of a family, given as an instance, a name or `{"className", "config"}`: initializers and the
    like.

    `names` maps the family's identifiers ("glorotUniform") to classes; class names are taken as well.
    """

    def __init__(self, base: type[Configurable], what: str, names: Mapping[str, Factory]) -> None:
        self.base = base
        self.what = what
        self.names = names
        self.expected = f"{'an' if what[0] in 'aeiou' else 'a'} {what} (an object, a name or a config)"
        self.annotation = f"{what.capitalize()}Identifier"

    def read(self, value: Any) -> Any:
        if isinstance(value, self.base):
            return value
        if isinstance(value, str):
            return self._named(value)
        if isinstance(value, Factory) and issubclass(value.cls, self.base):
            return value()
        if isinstance(value, dict):
            try:
                return deserialize(value, self.base, self.what)
            except ValueError as error:
                raise Wrong(str(error)) from error
        raise Wrong

    def _named(self, name: str) -> Any:
        factory = self.names.get(name)
        if factory is not None:
            return factory()
        try:
            return find_class(name, self.base, self.what)()
        except ValueError:
            from ._names import nearest

            near = self.names and nearest(name, self.names)
            hint = f'; did you mean "{near}"?' if near else f". Known: {', '.join(self.names)}."
            raise Wrong(f"Unknown {self.what}: {name}{hint}") from None

    def serialize(self, value: Any) -> Any:
        return serialize(value)

    def to_json(self, value: Any) -> Any:
        return to_json(value) if isinstance(value, dict) else to_snake_case(value)

    def from_json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return from_json(value)
        return to_camel_case(value) if isinstance(value, str) else value

    def shown(self, value: Any) -> str:
        return repr(value)
