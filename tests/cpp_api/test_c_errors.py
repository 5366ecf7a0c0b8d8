"""The C interface answers whatever it is given with a status and a message."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

import pytest

import lamina

OK, VALUE_ERROR, RUNTIME_ERROR, MEMORY_ERROR = 0, 1, 3, 4
HEADER = Path(lamina.__file__).parent / "include" / "lamina" / "c_api.h"
# Functions that take nothing that could be null.
WITHOUT_POINTERS = {
    *["lamina_last_error", "lamina_abi_version", "lamina_version", "lamina_num_threads"],
    *["lamina_set_num_threads", "lamina_set_random_seed", "lamina_memory_trim"],
}


@pytest.fixture(scope="module")
def c():
    (path,) = (Path(lamina.__file__).parent / "lib").glob("liblamina.so.*")
    library = ctypes.CDLL(str(path))
    library.lamina_last_error.restype = ctypes.c_char_p
    return library


def declared():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    return re.findall(r"LAMINA_API\s+([\w\s*]+?)\b(lamina_\w+)\(([^)]*)\)", text)


def test_statuses_are_those_that_the_tests_name():
    numbers = dict(re.findall(r"LAMINA_(OK|\w+_ERROR) = (\d)", HEADER.read_text()))
    assert [int(numbers[n]) for n in ("OK", "VALUE_ERROR", "RUNTIME_ERROR", "MEMORY_ERROR")] == [0, 1, 3, 4]


def test_null_everywhere(c):
    """Each function with null for each pointer and 0 and 1 for each number."""
    called = 0
    for result, name, parameters in declared():
        if name in WITHOUT_POINTERS:
            continue
        kinds = [None if "*" in p else p.rsplit(" ", 1)[0].strip() for p in parameters.split(",")]
        for number in (0, 1):
            function = getattr(c, name)
            function.restype = ctypes.c_int64 if "64" in result or "*" in result else ctypes.c_int
            args = []
            for kind in kinds:
                if kind is None:
                    args.append(ctypes.c_void_p())
                elif kind in ("double", "float"):
                    args.append(ctypes.c_double(number))
                else:
                    args.append(ctypes.c_int64(number))
            status = function(*args)
            called += 1
            if result.strip() == "lamina_status":
                assert status != OK, name
                assert c.lamina_last_error(), name
    assert called >= 60


def test_what_has_no_status_keeps_the_error(c):
    c.lamina_tensor_dtype.restype = ctypes.c_int
    assert c.lamina_tensor_dtype(None) == -1
    for name in ("tensor_rank", "tensor_size", "tensor_file_count", "program_input_count", "program_batch"):
        assert getattr(c, f"lamina_{name}")(None) == 0
        assert b"null" in c.lamina_last_error()


def tensor(c):
    made = ctypes.c_void_p()
    numbers = (ctypes.c_float * 2)(1, 2)
    assert (
        c.lamina_tensor_create(0, (ctypes.c_int64 * 1)(2), ctypes.c_size_t(1), numbers, ctypes.byref(made))
        == OK
    )
    return made


@pytest.mark.parametrize("name", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
def test_names_that_are_not_utf8(c, tmp_path, name):
    made = tensor(c)
    path = tmp_path / "kept"
    names, tensors = (ctypes.c_char_p * 1)(name), (ctypes.c_void_p * 1)(made)
    status = c.lamina_tensor_file_save(str(path).encode(), names, tensors, ctypes.c_size_t(1))
    assert status == VALUE_ERROR
    assert b"UTF-8" in c.lamina_last_error()
    assert not list(tmp_path.iterdir())
    c.lamina_tensor_free(made)


def load(c, path):
    found = ctypes.c_void_p()
    return [
        c.lamina_tensor_file_load(str(path).encode(), ctypes.byref(found)),
        c.lamina_program_load(str(path).encode(), ctypes.byref(found)),
    ]


def test_a_pipe(c, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert load(c, path) == [RUNTIME_ERROR] * 2
    assert b"no regular file" in c.lamina_last_error()


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
def test_a_device_and_a_folder(c, path):
    assert load(c, path) == [RUNTIME_ERROR] * 2
    assert b"no regular file" in c.lamina_last_error()


def test_a_file_larger_than_the_memory(c, tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        try:
            file.truncate(1 << 43)
        except OSError:
            file.truncate(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE") * 2)
    assert load(c, path) == [MEMORY_ERROR] * 2
    assert b"no memory" in c.lamina_last_error()
