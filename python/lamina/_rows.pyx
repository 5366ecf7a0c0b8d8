# Nested Python sequences, row by row, into flat memory.
from array import array

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE


# Deeper than any tensor; a list may hold itself.
cdef int DEEPEST = 32


cdef int too_deep(int depth) except -1:
    if depth > DEEPEST:
        raise ValueError("The rows are nested too deeply.")
    return 0


cdef inline bint is_sequence(object x):
    return isinstance(x, (list, tuple))


cdef inline bint is_array(object x):
    # Rows may themselves be arrays or tensors.
    return not isinstance(x, (int, float, complex, str, bytes)) and (
        hasattr(x, "__array_interface__") or hasattr(x, "_to_list") or hasattr(x, "tolist"))


cdef object unpacked(object x):
    if hasattr(x, "_to_list"):
        return x._to_list()
    if hasattr(x, "tolist"):
        return x.tolist()
    return x


cdef object is_whole(object x, int depth=0):
    """Whether an array's elements, or all of those in rows of arrays, are whole numbers by their type."""
    if is_sequence(x):
        too_deep(depth)
        for i in range(len(x)):
            if not is_whole(x[i], depth + 1):
                return False
        return True
    dtype = getattr(x, "dtype", None)
    if dtype is None:
        return str(getattr(x, "typecode", "f")) in "bBhHiIlLqQ"
    return getattr(dtype, "kind", dtype) in ("i", "u", "int32")


cdef object with_lists(object x, int depth=0):
    """The same nesting with every array replaced by lists."""
    cdef Py_ssize_t i
    if not is_sequence(x):
        return unpacked(x) if is_array(x) else x
    too_deep(depth)
    # Code of the members' own may lengthen the row meanwhile.
    rows = []
    for i in range(len(x)):
        rows.append(with_lists(x[i], depth + 1))
    return rows


cdef object innermost(object values):
    """The first element, or the first empty row."""
    cdef int depth = 0
    while is_sequence(values) and values:
        values = values[0]
        depth += 1
        too_deep(depth)
    return values


cdef tuple shape_of(object values):
    shape = []
    level = values
    while is_sequence(level):
        too_deep(len(shape))
        shape.append(len(level))
        if not level:
            break
        level = level[0]
    return tuple(shape)


cdef class _Filler:
    cdef double[::1] numbers
    cdef Py_ssize_t at
    cdef tuple shape

    cdef object ragged(self, object row, int depth):
        got = len(row) if is_sequence(row) else "a single value"
        raise ValueError(
            f"Element arr[{']['.join(['...'] * max(depth, 1))}] should have {self.shape[depth]} elements, "
            f"but has {got} elements: the nested rows must all have the same length (shape {list(self.shape)})."
        )

    cdef int fill(self, object values, int depth) except -1:
        cdef Py_ssize_t n, i
        cdef bint last = depth == len(self.shape) - 1
        if not is_sequence(values) or len(values) != self.shape[depth]:
            self.ragged(values, depth)
        n = len(values)
        for i in range(n):
            item = values[i]
            if not last:
                self.fill(item, depth + 1)
            elif isinstance(item, float) or isinstance(item, int):
                self.numbers[self.at] = item
                self.at += 1
            else:
                self.odd(item, depth)
        return 0

    cdef int odd(self, object item, int depth) except -1:
        if is_sequence(item):
            raise ValueError(
                f"The nested rows are deeper in some places than in others: found {item!r:.60} where a number "
                f"was expected (shape {list(self.shape)})."
            )
        if isinstance(item, (str, bytes)) or not hasattr(item, "__float__"):
            raise TypeError(f"A row of numbers holds {item!r:.60} ({type(item).__name__}).")
        self.numbers[self.at] = float(item)
        self.at += 1
        return 0


cdef int collect(object values, tuple shape, int depth, list out) except -1:
    if depth == len(shape):
        if is_sequence(values):
            raise ValueError(f"The nested rows are deeper in some places than in others (shape {list(shape)}).")
        out.append(values)
        return 0
    if not is_sequence(values) or len(values) != shape[depth]:
        raise ValueError(f"The nested rows must all have the same length (shape {list(shape)}), found {values!r:.60}.")
    for item in values:
        collect(item, shape, depth + 1, out)
    return 0


cdef object text_of(object x):
    if isinstance(x, str):
        return x
    if not isinstance(x, bytes):
        raise TypeError(f"A row of strings holds {x!r:.60} ({type(x).__name__}).")
    try:
        return x.decode()
    except UnicodeDecodeError:
        raise ValueError(f"The byte string {x!r:.60} is not UTF-8; see numpy.frombuffer() for numbers.") from None


def flatten(object values):
    """(shape, kind, content) of nested lists and tuples.

    kind is 'n' for numbers and 'i' for whole ones of typed arrays (content: an array of doubles), 'b' for booleans (bytes), 'c' for complex numbers
    (doubles in pairs), 's' for strings (a list), by the first element. Ragged rows are a ValueError, other values a TypeError.
    """
    cdef object first
    cdef tuple shape
    # Without a bound: a row's length is what it says.
    cdef object size = 1
    cdef _Filler filler
    first = innermost(values)
    cdef bint whole = False
    if is_array(first):
        whole = is_whole(values)
        values = with_lists(values)
        first = innermost(values)
    shape = shape_of(values)
    for dim in shape:
        size *= dim
    if size == 0:
        collect(values, shape, 0, [])
        return shape, "n", array("d")
    if isinstance(first, bool) or isinstance(first, (str, bytes)) or isinstance(first, complex) or not shape:
        flat = []
        collect(values, shape, 0, flat)
        if isinstance(first, bool):
            if not all(isinstance(x, (bool, int, float)) for x in flat):
                raise TypeError("A row of booleans holds other values.")
            return shape, "b", bytes([x != 0 for x in flat])
        if isinstance(first, (str, bytes)):
            return shape, "s", [text_of(x) for x in flat]
        if isinstance(first, complex):
            pairs = array("d")
            for x in flat:
                z = complex(x)
                pairs.append(z.real)
                pairs.append(z.imag)
            return shape, "c", pairs
        raise TypeError(f"{first!r:.60} ({type(first).__name__}) cannot become a tensor.")
    content = array("d", bytes(8 * size))
    filler = _Filler()
    filler.shape = shape
    filler.numbers = content
    filler.at = 0
    filler.fill(values, 0)
    return shape, "i" if whole else "n", content
