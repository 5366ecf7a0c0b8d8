"""Options: declared once, then read, checked, documented, saved and stubbed from that one declaration.

An option is a name (lowerCamelCase), a kind, a default and a line of doc:

    option("units", Integer(minimum=1), doc="Size of the output's last axis.")     # no default: required
    option("padding", Enum("PaddingMode", "valid", "same"), "valid", "...")
    option("learningRate", Number(minimum=0), 0.01, "...", aliases=("lr",))

**Classes** (layers, initializers, optimizers ...) derive from `Configurable` and list their options; a
subclass inherits those of its bases and may declare one again with another default. Every option becomes an
attribute:

    class Dense(Layer):
        className = "Dense"
        options = (option("units", Integer(minimum=1), doc="..."), ...)

    dense = Factory(Dense, "tf.layers.dense")
    dense({"units": 3}), dense(units=3)                    # the same; both at once is an error
    sgd = Factory(SGD, "tf.train.sgd", positional=("learningRate",))     # also sgd(0.1)

**Functions and methods** whose last parameter is a config use `configured`; they receive a `Config`, a dict
with every declared key, defaults filled in, that also reads as attributes:

    @configured("tf.LayersModel.fit", option("epochs", Integer(minimum=1), 1, "..."), ...)
    def fit(self, x, y, config):
        config.epochs

    model.fit(x, y, {"epochs": 3}), model.fit(x, y, epochs=3)

`OptionSet.read(config, keywords)` is the plain-function form of both.

None where a value is expected means "the default", as null does in TensorFlow.js; `option(..., none=value)`
says what an explicit None means instead (`none=None` keeps it). NOT_GIVEN tells "not given" from None where
that matters. A kind says what values it takes (`read`), how they are saved (`serialize`, `to_json`,
`from_json`) and how a type checker sees them (`annotation`); new kinds are subclasses of `Kind`.
"""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar

from ._borders import border
from .changes import Observed
from .errors import ConfigError
from .kinds import (
    LENGTH,
    Anything,
    Boolean,
    DType,
    Enum,
    Function,
    Integer,
    Kind,
    ListOf,
    Number,
    OneOf,
    Shape,
    Share,
    Size,
    String,
    to_camel_case,
    to_snake_case,
)
from .options import NOT_GIVEN, Config, NotGiven, Option, Options, OptionSet, option

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Mapping

__all__ = [
    "LENGTH",
    "NOT_GIVEN",
    "Anything",
    "Boolean",
    "Config",
    "Configurable",
    "ConfiguredFunction",
    "DType",
    "Enum",
    "Factory",
    "Function",
    "Integer",
    "Kind",
    "ListOf",
    "NotGiven",
    "Number",
    "OneOf",
    "Option",
    "OptionSet",
    "Options",
    "Shape",
    "Share",
    "Size",
    "String",
    "class_name",
    "configured",
    "option",
    "to_camel_case",
    "to_snake_case",
]


def class_name(cls: type) -> str:
    """The name under which a class is registered and saved: its `className`, else the name it has in Python.

    A user's class does not inherit the name, since a file would then mean the class it derives from.
    """
    ours = cls.__module__.partition(".")[0] == __name__.partition(".")[0]
    own = getattr(cls, "className", "") if ours else cls.__dict__.get("className")
    return own if isinstance(own, str) and own else cls.__name__


class Configurable(Observed):
    """A class made from options. Its constructor takes one dict or keywords and sets an attribute for each
    option.

    A subclass that lists no `options` of its own (a user's layer) is not strict: keys it does not know are
    left to it.
    """

    className: ClassVar[str] = ""
    options: ClassVar[Options] = ()
    # True in a class that takes no options of its bases: it presets them.
    options_end: ClassVar[bool] = False

    def __init__(self, config: Any = NOT_GIVEN, /, **keywords: Any) -> None:
        self.configure(config, keywords)

    @classmethod
    def option_set(cls) -> OptionSet:
        """The options of the class and of its bases."""
        found = cls.__dict__.get("_option_set")
        if not isinstance(found, OptionSet):
            bases = []
            for base in cls.__mro__:
                bases.append(base)
                if base.__dict__.get("options_end", False):
                    break
            declared: dict[str, Option] = {}
            for base in bases:
                for each in base.__dict__.get("options", ()):
                    declared.setdefault(each.name, each)
            found = OptionSet(cls.__dict__.get("_where") or cls.className or cls.__name__, declared.values())
            cls._option_set = found  # type: ignore[attr-defined]
        return found

    def configure(self, config: Any, keywords: Mapping[str, Any] | None = None) -> Config:
        """Reads the options, sets the attributes and returns all values."""
        cls = type(self)
        values = cls.option_set().read(config, keywords, strict="options" in cls.__dict__)
        for each in cls.option_set():
            if each.stored:
                setattr(self, each.name, values[each.name])
        return values

    def getClassName(self) -> str:
        """The name under which the class is registered and saved."""
        return class_name(type(self))

    def getConfig(self) -> dict[str, Any]:
        """The options as plain values in TensorFlow.js' spelling, from which fromConfig() makes an equal
        object.
        """
        return {
            each.name: each.kind.serialize(getattr(self, each.name))
            for each in type(self).option_set()
            if each.stored and each.saved
        }

    @classmethod
    def fromConfig(cls, config: dict[str, Any]) -> Any:
        """An object from what getConfig() returned. Keys that the class does not know are passed over."""
        options = cls.option_set()
        if "options" in cls.__dict__:
            config = {key: config[key] for key in config if options.find(key) is not None}
        return cls(config)

    def __repr__(self) -> str:
        changed = []
        for each in type(self).option_set():
            if each.stored and each.saved:
                value = each.kind.serialize(getattr(self, each.name, None))
                if value != each.default:
                    changed.append(f"{each.name}={value!r}")
        return f"{self.getClassName()}({', '.join(changed)})"


class Factory:
    """The public function that makes objects of a class: `tf.layers.dense`.

    `positional` names options that may also be given by position (`tf.train.sgd(0.1)`).
    """

    # Further ways to call it, for stubs: (parameter, its type, type of the result).
    other_forms: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def __init__(self, cls: type[Configurable], where: str, positional: tuple[str, ...] = ()) -> None:
        self.cls = cls
        self.positional = positional
        self.where = where
        self.__name__ = self.__qualname__ = where.rpartition(".")[2]
        self.__module__ = cls.__module__
        if cls.__dict__.get("_where") is None:
            cls._where = where  # type: ignore[attr-defined]
            cls._option_set = None  # type: ignore[attr-defined]

    @border
    def __call__(self, config: Any = NOT_GIVEN, /, *rest: Any, **keywords: Any) -> Any:
        if self.positional and config is not NOT_GIVEN and not isinstance(config, dict):
            return self.cls(**by_position(self.where, self.positional, (config, *rest), keywords))
        if rest:
            if not isinstance(config, dict):
                raise ConfigError(self.cls.option_set().by_name((config, *rest)))
            raise ConfigError(
                f"{self.where} takes one config (a dict) or keywords, got {1 + len(rest)} arguments."
            )
        return self.cls(config, **keywords)

    @property
    def option_set(self) -> OptionSet:
        return self.cls.option_set()

    @property
    def __signature__(self) -> inspect.Signature:
        return self.option_set.signature(positional=self.positional)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self.option_set.document(self.cls.__doc__)

    def __repr__(self) -> str:
        return f"<function {self.where}>"


def by_position(
    where: str, names: tuple[str, ...], values: tuple[Any, ...], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Positional values joined with keywords."""
    if len(values) > len(names):
        raise ConfigError(f"{where} takes at most {len(names)} positional arguments ({', '.join(names)}).")
    given = dict(zip(names, values, strict=False))
    for key in keywords:
        if key in given:
            raise ConfigError(f'{where}: "{key}" is given twice, by position and by keyword.')
    return {**given, **keywords}


class ConfiguredFunction:
    """A function or method whose last parameter is a config (see `configured`)."""

    def __init__(
        self, function: Callable[..., Any], option_set: OptionSet, positional: tuple[str, ...], strict: bool
    ) -> None:
        self.__wrapped__ = function
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__
        self.option_set = option_set
        code = getattr(function, "__wrapped__", function).__code__
        self._leading = code.co_varnames[: code.co_argcount - 1]
        # Python puts defaults last, so the last of them is the config's own.
        self._defaults = (getattr(function, "__wrapped__", function).__defaults__ or ())[:-1]
        self._positional = positional
        self._strict = strict

    @border
    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        count = len(self._leading)
        leading, rest = list(arguments[:count]), arguments[count:]
        for index in range(len(leading), count):
            name = self._leading[index]
            if name in keywords:
                leading.append(keywords.pop(name))
            elif index >= count - len(self._defaults):
                leading.append(self._defaults[index - count + len(self._defaults)])
            else:
                raise ConfigError(f'{self.option_set.where}: the argument "{name}" is missing.')
        for name in self._leading:
            if name in keywords and name not in self.option_set.options:
                raise ConfigError(
                    f'{self.option_set.where}: "{name}" is given twice, by position and by keyword.'
                )
        config: Any = rest[0] if rest else NOT_GIVEN
        if self._positional and rest and not isinstance(config, dict):
            keywords = by_position(self.option_set.where, self._positional, rest, keywords)
            config = NOT_GIVEN
        elif len(rest) > 1:
            if not isinstance(config, dict):
                raise ConfigError(self.option_set.by_name(rest))
            raise ConfigError(
                f"{self.option_set.where} takes {count - self._bound()} arguments and a config, "
                f"got {len(arguments) - self._bound()} arguments."
            )
        return self.__wrapped__(*leading, self.option_set.read(config, keywords, strict=self._strict))

    def _bound(self) -> int:
        return 1 if self._leading[:1] == ("self",) else 0

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        wrapped = list(inspect.signature(self.__wrapped__).parameters.values())[:-1]
        return self.option_set.signature(wrapped, self._positional)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self.option_set.document(self.__wrapped__.__doc__)

    def __repr__(self) -> str:
        return f"<function {self.option_set.where}>"


def configured(
    where: str, *options: Option, positional: tuple[str, ...] = (), strict: bool = True
) -> Callable[[Callable[..., Any]], ConfiguredFunction]:
    """Decorates a function whose last parameter receives a Config of the declared options.

    Callers give one dict in that place, or the options as keywords. `positional` names options that may also
    be given by position there. `where` is the public name, for messages.
    """

    def decorate(function: Callable[..., Any]) -> ConfiguredFunction:
        code = getattr(function, "__wrapped__", function).__code__
        leading = tuple(name for name in code.co_varnames[: code.co_argcount - 1] if name != "self")
        return ConfiguredFunction(function, OptionSet(where, options, leading), positional, strict)

    return decorate
