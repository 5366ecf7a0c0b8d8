"""The walk through all that user code can reach."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from types import CellType, FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from .. import _core
from ..changes import Observed
from ..initializers import Initializer
from ..layers.variables import LayerVariable
from .values import has_dependents, is_enum, is_impure, is_lamina, is_plain, is_pure_builtin, is_symbol
from .verdict import Verdict
from .words import Place, described, kind_of, place_of, remedy_for

if TYPE_CHECKING:
    from .reads import Chain, Reads

__all__ = ["UNKNOWN_PYTHON", "classify"]

_HEAP_TYPE = 1 << 9

UNKNOWN_PYTHON = "Lamina does not know the instructions of this Python; code of your own is not compiled"

# What Lamina asks of a layer and of a layer's parts in a step.
_STEP_NAMES = frozenset(
    "call apply computeMask activityRegularizer calculateLosses losses updateState result".split()
)
# Methods that run before or after, never in a step.
_OUTSIDE = frozenset(
    "__init__ __new__ __init_subclass__ __class_getitem__ __set_name__ __del__ __repr__ __str__ __reduce__ "
    "__reduce_ex__ __getstate__ __setstate__ __copy__ __deepcopy__ __dir__ __sizeof__ __module__ __doc__ "
    "__qualname__ __dict__ __weakref__ __annotations__ __firstlineno__ __static_attributes__ __orig_bases__ "
    "__parameters__ __slots__ __abstractmethods__ _option_set _where _style "
    "build getConfig fromConfig className options options_end getClassName computeOutputShape dispose "
    "countParams resetState resetStates summary fit evaluate predict save compile "
    "trainOnBatch predictOnBatch getWeights setWeights loadWeights toJSON explain exportProgram".split()
)
_MAKERS = ("__getattr__", "__getattribute__", "__setattr__", "__delattr__")


class Open(Exception):
    """Says why code is open."""

    def __init__(self, what: str, remedy: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.line = line
        self.function: FunctionType | None = None

    def __str__(self) -> str:
        where = f", in {place_of(self.function, self.line)}" if self.function is not None else ""
        return f"{self.what}{where}; {self.remedy}"


def classify(*roots: Any) -> Verdict:
    """Looks at functions, and at objects with what a step calls of them, and at all that they reach."""
    walk = _Walk()
    reason = None
    try:
        for root in roots:
            walk.held(root, place_of(root))
        walk.finish()
    except Open as found:
        reason = str(found)
    except Exception as error:
        # Objects of others may raise anything when they are looked at; a look must not break a step.
        walk.custom = True
        reason = f"it cannot be inspected ({type(error).__name__}: {error}); use plain functions and layers"
    if reason is None and walk.custom:
        from .opcodes import is_known_python

        if not is_known_python():
            reason = UNKNOWN_PYTHON
    # Lamina's own code needs no guards: it tells of changes.
    try:
        guards = _core.Guards(walk.guards if walk.custom else ())
    except TypeError as error:
        guards = _core.Guards(())
        reason = reason or f"it cannot be watched ({error}); use plain functions and layers"
    return Verdict(reason, walk.custom, guards, tuple(walk.containers), tuple(walk.objects))


class _Walk:
    def __init__(self) -> None:
        self.guards: list[tuple[Any, ...]] = []
        self.custom = False
        self.containers: list[tuple[Any, Any]] = []
        self._mutates = False
        # By id; the guards and the code itself keep them alive.
        self._seen: set[int] = set()
        self.objects: list[Any] = []
        self._classes: list[type] = []
        self._functions: list[FunctionType] = []
        self._waiting: list[Any] = []
        self._names: set[str] = set(_STEP_NAMES)
        self._looked_into: set[int] = set()
        self._guarded: set[tuple[int, str]] = set()
        self._own: dict[type, list[type]] = {}

    # --- values ---

    def value(self, value: Any, where: str | Place, kept: bool = False) -> None:
        """Goes on from a value that code reads. `kept`: it is held by an object with dependents."""
        if is_plain(value) or is_pure_builtin(value):
            return
        if isinstance(value, LayerVariable):
            self.value(value.constraint, f"the constraint of {value.originalName}")
        elif is_symbol(value):
            return
        elif type(value) in (tuple, frozenset):
            for each in value:
                self.value(each, where, kept)
        elif isinstance(value, FunctionType):
            self.function(value, where)
        elif isinstance(value, MethodType):
            self.value(value.__self__, where)
            self.value(value.__func__, where)
        elif type(value) is partial:
            self._partial(value, where)
        elif has_dependents(value):
            self.object(value)
        elif isinstance(value, type):
            self._class(value, where)
        elif isinstance(value, ModuleType):
            if value.__name__ != "math":
                raise Open(f"`{where}` is a module that is handed on", remedy_for(value))
        elif kept and type(value) in (list, dict):
            self._container(value, where)
        elif not is_lamina(value) or is_impure(value):
            raise Open(f"`{where}` {described(value)}", remedy_for(value))

    def _partial(self, value: partial[Any], where: str | Place) -> None:
        self.custom = True
        self.value(value.func, where)
        for argument in value.args:
            self.value(argument, f"an argument of {where}")
        for name, argument in value.keywords.items():
            self.guards.append(("item", value.keywords, name, argument))
            self.value(argument, f"{name} of {where}")

    def _container(self, value: Any, where: str | Place) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, list):
            held = list(value)
            self.guards.append(("list", value, None, tuple(held)))
            self.containers.append((value, held))
            items: Iterable[Any] = held
        else:
            pairs = dict(value)
            self.guards.append(("dict", value, None, tuple(part for item in pairs.items() for part in item)))
            self.containers.append((value, pairs))
            for key in pairs:
                if not is_plain(key) and type(key) is not tuple:
                    raise Open(f"a key of `{where}` {described(key)}", "use strings or numbers as keys")
            items = pairs.values()
        for each in items:
            self.value(each, where, True)

    # --- functions ---

    def function(self, function: FunctionType, where: str | Place) -> None:
        if id(function) in self._seen:
            return
        self._seen.add(id(function))
        if is_lamina(function):
            if is_impure(function):
                raise Open(f"`{where}` {described(function)}", remedy_for(function))
            # A function of Lamina's may hold one of the user's, as customGrad's result does.
            for cell in function.__closure__ or ():
                self.held(_content(cell), function.__name__)
            return
        self.custom = True
        self._functions.append(function)
        self.guards += [
            ("code", function, None, function.__code__),
            ("defaults", function, None, function.__defaults__),
            ("kwdefaults", function, None, function.__kwdefaults__),
        ]
        for value in function.__defaults__ or ():
            self.value(value, f"a default of {function.__name__}()")
        for name, value in (function.__kwdefaults__ or {}).items():
            self.guards.append(("item", function.__kwdefaults__, name, value))
            self.value(value, f"{name} of {function.__name__}()")
        # The one place that needs `dis`.
        from .reads import reads_of

        found = reads_of(function.__code__)
        try:
            self._reads(function, found)
        except Open as reason:
            # The innermost function says where it is.
            reason.function = reason.function or function
            raise

    def _reads(self, function: FunctionType, found: Reads) -> None:
        for chain in sorted(found.globals):
            self._global(function, chain)
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        for chain in sorted(found.cells):
            cell = cells[chain[0]]
            value = _content(cell)
            if value is _EMPTY:
                raise Open(f"`{chain[0]}` has no value yet", "set it before the step")
            self.guards.append(("cell", cell, chain[0], value))
            self._follow(value, chain)
        if found.trouble is not None:
            what, remedy, line = found.trouble
            raise Open(what, remedy, line)
        self._names |= found.attributes
        self._mutates |= found.mutates

    def _global(self, function: FunctionType, chain: Chain) -> None:
        name, space = chain[0], function.__globals__
        if type(space) is not dict:
            raise Open(f"`{name}` is looked up in a {type(space).__name__}", "use plain globals")
        if name in space:
            value = space[name]
            self._guard("item", space, name, value)
        else:
            self._guard("absent", space, name)
            builtins = cast("Any", function).__builtins__
            if name not in builtins:
                raise Open(f"`{name}` is not defined", "define it before the step")
            value = builtins[name]
            self._guard("item", builtins, name, value)
            if not is_pure_builtin(value) and not is_plain(value):
                raise Open(f"it calls `{name}`", remedy_for(value))
        self._follow(value, chain)

    def _follow(self, value: Any, chain: Chain) -> None:
        """Goes on from the value of a name, through modules to what the code reads of them."""
        where, rest = chain[0], chain[1:]
        while rest and type(value) is ModuleType and value.__name__ != "math":
            name, rest = rest[0], rest[1:]
            where = f"{where}.{name}"
            space = vars(value)
            if value.__name__.partition(".")[0] == "lamina":
                try:
                    value = getattr(value, name)
                except AttributeError:
                    raise Open(f"`{where}` does not exist", "look for its name in the docs") from None
                # Some names are found when they are asked for.
                self._guard(*(("item", space, name, value) if name in space else ("absent", space, name)))
            elif name in space:
                value = space[name]
                self._guard("item", space, name, value)
            else:
                raise Open(f"`{where}` is looked up by its module", remedy_for(print))
        self._names.update(rest)
        self.value(value, where)

    # --- objects and classes ---

    def object(self, value: Any) -> None:
        """An object with dependents: its own methods that a step calls, and what it holds."""
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self.objects.append(value)
        # Entered later: chains of objects may be long.
        self._waiting.append(value)

    def _enter(self, value: Any) -> None:
        cls = type(value)
        own = self._own_classes(cls)
        for each in own:
            self._own_class(each, cls)
        if getattr(value, "_callHook", None) is not None:
            self.custom = True
            raise Open(f"{place_of(value)} has a call hook", "clearCallHook() removes it")
        for name, held in list(vars(value).items()):
            if is_plain(held):
                continue
            self._shadowing(value, name, held)
            if not own or name == "_losses" or not callable(held) or has_dependents(held):
                self.held(held, Place(name, value))

    def _shadowing(self, value: Any, name: str, held: Any) -> None:
        if name in _OUTSIDE or not callable(held) or is_lamina(held):
            return
        if isinstance(_in_class(type(value), name), FunctionType):
            self.custom = True
            raise Open(f"`{name}` of {place_of(value)} is replaced on the object", "write a subclass")

    def held(self, value: Any, where: str | Place) -> None:
        """What Lamina's own code holds and may call: functions and objects, in lists and dicts too."""
        if type(value) in (list, tuple, set, dict):
            if id(value) not in self._looked_into:
                self._looked_into.add(id(value))
                for each in list(value.values() if type(value) is dict else value):
                    if not is_plain(each):
                        self.held(each, where)
        elif isinstance(value, Initializer):
            return  # it runs when a layer is built
        elif isinstance(value, (FunctionType, MethodType, partial, LayerVariable)) or has_dependents(value):
            self.value(value, where)
        elif not is_lamina(value) and not isinstance(value, type) and callable(value):
            self.custom = True
            self.value(value, where)

    def _own_class(self, own: type, cls: type) -> None:
        """What a class of the user's own defines in the place of Lamina's."""
        self.custom = True
        if type(own) is not type:
            raise Open(f"the class {own.__name__} has the metaclass {type(own).__name__}", "write it without")
        self._guard("mro", cls, "__mro__", cls.__mro__)
        for name, value in list(vars(own).items()):
            if name in _MAKERS:
                raise Open(f"the class {own.__name__} defines {name}", "name the attributes themselves")
            if name in _OUTSIDE:
                continue
            if (name.startswith("__") and callable(value)) or any(
                name in vars(base) for base in cls.__mro__ if is_lamina(base)
            ):
                self._names.add(name)

    def _class(self, cls: type, where: str | Place) -> None:
        if not issubclass(cls, (Observed, _core.Tensor, _core.Variable)) and not is_enum(cls):
            raise Open(f"`{where}` is a class that Lamina knows nothing of", "use functions and layers")
        if id(cls) not in self._seen:
            self._seen.add(id(cls))
            self._classes.append(cls)

    def finish(self) -> None:
        """Looks at the attributes that the code names, of all objects and classes that it reaches."""
        looked: set[tuple[int, str]] = set()
        found = True
        while found or self._waiting:
            found = False
            while self._waiting:
                self._enter(self._waiting.pop())
            for owner in (*self.objects, *self._classes):
                if isinstance(owner, type) or self._own_classes(type(owner)):
                    named = list(self._names)
                else:
                    # A layer of Lamina's: its methods are, too.
                    named = list(self._names & vars(owner).keys())
                for name in named:
                    if (id(owner), name) not in looked:
                        looked.add((id(owner), name))
                        found = True
                        self._attribute(owner, name)
            for function in list(self._functions):
                # `f.calls` of a function f.
                for name in self._names & function.__dict__.keys():
                    if (id(function), name) not in looked:
                        looked.add((id(function), name))
                        found = True
                        value = function.__dict__[name]
                        self._guard("item", function.__dict__, name, value)
                        self.value(value, f"{function.__name__}.{name}")
        if not self._mutates:
            self.containers.clear()

    def _attribute(self, owner: Any, name: str) -> None:
        is_class = isinstance(owner, type)
        cls = owner if is_class else type(owner)
        for each in self._own_classes(cls):
            space = vars(each)
            if name not in space:
                self._guard("class", each, name)
                continue
            value = space[name]
            self._guard("class", each, name, value)
            self._class_attribute(value, owner, f"{each.__name__}.{name}")
        if not is_class:
            held = vars(owner).get(name, _EMPTY)
            if held is not _EMPTY and (self._own_classes(cls) or not is_lamina(held)):
                self.value(held, Place(name, owner), True)

    def _class_attribute(self, value: Any, owner: Any, where: str) -> None:
        if isinstance(value, property):
            self.value(value.fget, where)
        elif isinstance(value, (staticmethod, classmethod)):
            self.value(value.__func__, where)
        elif isinstance(value, (MemberDescriptorType, GetSetDescriptorType)):
            if not isinstance(owner, type) and hasattr(owner, where.rpartition(".")[2]):
                self.value(getattr(owner, where.rpartition(".")[2]), where, True)
        elif not isinstance(value, FunctionType) and hasattr(type(value), "__get__") and not is_lamina(value):
            raise Open(f"`{where}` is a {kind_of(value)}", "use a method or a property")
        else:
            self.value(value, where, True)

    def _own_classes(self, cls: type) -> list[type]:
        """Those of a class's bases and itself that are not Lamina's."""
        found = self._own.get(cls)
        if found is None:
            # Those that are written in C do not change.
            found = [each for each in cls.__mro__ if each.__flags__ & _HEAP_TYPE and not is_lamina(each)]
            self._own[cls] = found
        return found

    def _guard(self, kind: str, holder: Any, name: str, *value: Any) -> None:
        """Without a value: that there is none."""
        if (id(holder), name) not in self._guarded:
            self._guarded.add((id(holder), name))
            self.guards.append((kind, holder, name, *value))


_EMPTY = object()


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _in_class(cls: type, name: str) -> Any:
    return next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), None)
