"""Options: what a config may contain, declared once and read from there (see config.py for the whole
picture).
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .errors import ConfigError, LaminaWarning
from .kinds import Kind, OnlyInFiles, Wrong, describe, to_camel_case, to_snake_case

if TYPE_CHECKING:
    import inspect
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["NOT_GIVEN", "Config", "NotGiven", "Option", "OptionSet", "Options", "option", "options_of_a_file"]


_in_file: ContextVar[bool] = ContextVar("lamina_options_in_file", default=False)


@contextmanager
def options_of_a_file() -> Iterator[None]:
    """Inside, options come from a file: unusual values that a person may not write are warnings."""
    token = _in_file.set(True)
    try:
        yield
    finally:
        _in_file.reset(token)


class NotGiven:
    """The type of NOT_GIVEN: an argument that was left out, where None would say something else."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"

    def __reduce__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven()


class Config(dict[str, Any]):
    """A dict whose keys also read and write as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Option:
    """One declared option; `default` is NOT_GIVEN where it is required."""

    __slots__ = ("aliases", "default", "doc", "json_name", "kind", "name", "none", "saved", "stored")

    def __init__(
        self,
        *,
        name: str,
        kind: Kind,
        default: Any,
        doc: str,
        aliases: tuple[str, ...],
        none: Any,
        stored: bool,
        saved: bool,
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.doc = doc
        self.aliases = aliases
        self.none = none
        self.stored = stored
        self.saved = saved
        self.json_name = to_snake_case(name)

    @property
    def required(self) -> bool:
        return self.default is NOT_GIVEN

    @property
    def must_be_given(self) -> bool:
        """Whether None, too, is as if nothing was given, and there is no default."""
        return self.required and self.none is NOT_GIVEN

    def but(self, **changes: Any) -> Option:
        """The same option with other properties."""
        properties = {slot: getattr(self, slot) for slot in self.__slots__ if slot != "json_name"}
        return Option(**{**properties, **changes})

    def value(self, given: Any) -> Any:
        """The value that `given` stands for; raises Wrong."""
        if given is None:
            given = self.default if self.none is NOT_GIVEN else self.none
        if given is None:
            return None
        return self.kind.read(given)

    def initial(self) -> Any:
        """The value when the option was not given; each reading makes its own list or object."""
        return None if self.default is None else self.kind.read(self.default)


def option(
    name: str,
    kind: Kind,
    default: Any = NOT_GIVEN,
    doc: str = "",
    *,
    aliases: tuple[str, ...] = (),
    none: Any = NOT_GIVEN,
    stored: bool = True,
    saved: bool = True,
) -> Option:
    """Declares an option.

    `none`: what an explicit None means (left out: the default). `stored`: becomes an attribute of the object.
    `saved`: stands in getConfig().
    """
    return Option(
        name=name,
        kind=kind,
        default=default,
        doc=doc,
        aliases=aliases,
        none=none,
        stored=stored,
        saved=saved,
    )


Options = tuple[Option, ...]


# Values that cannot change.
_SHARED = (bool, int, float, str, type(None))


class OptionSet:
    """The options of one class or function, by name; `where` is how error messages call it."""

    def __init__(self, where: str, options: Iterable[Option], leading: tuple[str, ...] = ()) -> None:
        self.where = where
        self.leading = leading
        self.options: dict[str, Option] = {}
        for each in options:
            self.options[each.name] = each
        self._aliases = {alias: each.name for each in self.options.values() for alias in each.aliases}
        self._initial: tuple[Config, list[Option], list[Option]] | None = None

    def __iter__(self) -> Iterator[Option]:
        return iter(self.options.values())

    def find(self, key: str) -> Option | None:
        """The option of that name or alias."""
        return self.options.get(self._aliases.get(key, key))

    def read(
        self, config: Any = NOT_GIVEN, keywords: Mapping[str, Any] | None = None, *, strict: bool = True
    ) -> Config:
        """Every declared option, from a dict or from keywords. `strict=False` passes over unknown keys.

        Raises ConfigError for both at once, an unknown key, a wrong value or type, a missing option.
        """
        values = self._canonical(self._one_of(config, keywords), strict)
        initial, fresh, required = self._initial or self._find_initial()
        result = Config(initial)
        for name, given in values.items():
            each = self.options[name]
            try:
                result[name] = each.value(given)
            except Wrong as wrong:
                problem = f"{self.where}: {wrong.about(name, given, each.kind)}"
                if not (isinstance(wrong, OnlyInFiles) and _in_file.get()):
                    raise ConfigError(problem) from wrong.__cause__
                warnings.warn(problem, LaminaWarning, stacklevel=2)
                result[name] = wrong.value
        for each in required:
            if each.name not in values:
                self._missing(each)
        for each in fresh:
            if each.name not in values:
                result[each.name] = each.initial()
        return result

    def _find_initial(self) -> tuple[Config, list[Option], list[Option]]:
        """The values of what is not given, which options need one of their own each time, and which must be
        given.
        """
        initial, fresh, required = Config(), [], []
        for name, each in self.options.items():
            value = initial[name] = None if each.required else each.initial()
            if each.required:
                required.append(each)
            elif not isinstance(value, _SHARED):
                fresh.append(each)
        self._initial = initial, fresh, required
        return self._initial

    def _one_of(self, config: Any, keywords: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if config is NOT_GIVEN or config is None:
            return keywords or {}
        if not isinstance(config, dict):
            self._not_a_config(config)
        if keywords:
            both = ", ".join(keywords)
            raise ConfigError(
                f"{self.where} takes one dict or keywords, not both: move {both} into the dict."
            )
        return config

    def _not_a_config(self, config: Any) -> NoReturn:
        first = next(iter(self.options), None)
        if first is None:
            raise ConfigError(f"{self.where} takes a config (a dict), got {describe(config)}.")
        shown = repr(config)
        raise ConfigError(
            f"{self.where} takes a config, got {describe(config)}: "
            f"write {self._spelled(first, shown if len(shown) <= 40 else '...')}."
        )

    def by_name(self, values: Sequence[Any]) -> str:
        """The message for options given by position: the same call with their names, as far as they are
        clear.
        """
        shown: dict[str, str] = {}
        free = sorted(self, key=lambda each: not each.required)
        for value in values:
            meant = next((each for each in free if _accepts(each, value)), None)
            if meant is None:
                break
            free.remove(meant)
            text = repr(value)
            shown[meant.name] = text if len(text) <= 40 else "..."
        before = "".join(f"{argument}, " for argument in self.leading)
        pairs = ", ".join(f'"{name}": {text}' for name, text in shown.items())
        keywords = ", ".join(f"{name}={text}" for name, text in shown.items())
        return (
            f"{self.where} takes one dict or keywords, not options by position: "
            f"write {self.where}({before}{{{pairs}}}) or "
            f"{self.where}({before}{keywords})."
        )

    def _spelled(self, name: str, value: str) -> str:
        before = "".join(f"{argument}, " for argument in self.leading)
        return f'{self.where}({before}{{"{name}": {value}}}) or {self.where}({before}{name}={value})'

    def _canonical(self, given: Mapping[str, Any], strict: bool) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = key if key in self.options else self._aliases.get(key)
            if name is None:
                if strict:
                    self._unknown(key)
                continue
            if value is NOT_GIVEN or (value is None and self.options[name].must_be_given):
                continue
            if name in values:
                both = " and ".join(f'"{k}"' for k in given if k == name or self._aliases.get(k) == name)
                raise ConfigError(f"{self.where}: {both} are the same option; give one of them.")
            values[name] = value
        return values

    def _unknown(self, key: Any) -> NoReturn:
        camel = to_camel_case(key) if isinstance(key, str) else None
        if camel in self.options or camel in self._aliases:
            raise ConfigError(
                f'{self.where}: unknown option "{key}"; options are in lowerCamelCase: write "{camel}".'
            )
        known = [*self.options, *self._aliases]
        from ._python_names import answer

        said = answer(str(key), "options")
        meant = next((each for each in said.split(" | ") if each in known), None)
        if said and " " in said.replace(" | ", ""):
            raise ConfigError(f'{self.where}: unknown option "{key}"; {said}.')
        from ._names import nearest

        near = meant or nearest(str(key), known)
        if near:
            raise ConfigError(f'{self.where}: unknown option "{key}"; did you mean "{near}"?')
        if not known:
            raise ConfigError(f'{self.where}: unknown option "{key}"; it has no options.')
        raise ConfigError(f'{self.where}: unknown option "{key}"; its options are {", ".join(self.options)}.')

    def _missing(self, each: Option) -> NoReturn:
        raise ConfigError(
            f'{self.where}: "{each.name}" is required ({each.kind.expected}): '
            f"write {self._spelled(each.name, '...')}."
        )

    def signature(
        self, leading: Iterable[inspect.Parameter] = (), positional: tuple[str, ...] = ()
    ) -> inspect.Signature:
        """Every option as a parameter after `leading`: those of `positional`, then keyword-only, required
        ones first.
        """
        import inspect

        def parameter(each: Option) -> inspect.Parameter:
            named = (
                inspect.Parameter.POSITIONAL_OR_KEYWORD
                if each.name in positional
                else inspect.Parameter.KEYWORD_ONLY
            )
            default = inspect.Parameter.empty if each.required else each.default
            return inspect.Parameter(each.name, named, default=default, annotation=each.kind.annotation)

        def place(each: Option) -> tuple[int, bool]:
            index = positional.index(each.name) if each.name in positional else len(positional)
            return index, not each.required

        return inspect.Signature([*leading, *(parameter(each) for each in sorted(self, key=place))])

    def document(self, text: str | None) -> str:
        """`text` (a docstring) followed by one line for each option."""
        lines = [_dedented(text)] if text else []
        if self.options:
            lines += ["", "Options (one dict, or keywords):"]
        for each in self:
            default = "required" if each.required else f"default {each.kind.shown(each.default)}"
            alias = "".join(f", also `{a}`" for a in each.aliases)
            lines.append(f"    {each.name}: {each.kind.expected}; {default}{alias}. {each.doc}".rstrip())
        return "\n".join(lines)


def _accepts(each: Option, value: Any) -> bool:
    try:
        each.value(value)
    except (Wrong, TypeError, ValueError):
        return False
    return True


def _dedented(text: str) -> str:
    first, *rest = text.strip().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[margin:].rstrip() for line in rest)])
