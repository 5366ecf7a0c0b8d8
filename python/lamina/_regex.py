"""JavaScript's regular expressions and replacements in the words of Python's `re`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["replacer", "translate"]

# \s means all white space to JavaScript, while \d, \w and \b mean ASCII.
_SPACE = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
# What stands for itself behind a backslash there, and is an error or something else in Python.
_CLASSES = {
    "d": "0-9",
    "w": "a-zA-Z0-9_",
    "s": _SPACE,
}
_OUTSIDE = {
    "b": r"(?a:\b)",
    "B": r"(?a:\B)",
    "D": "[^0-9]",
    "W": "[^a-zA-Z0-9_]",
    "S": f"[^{_SPACE}]",
}
_SAME = "tnvfr0123456789"


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def take(self, count: int = 1) -> str:
        piece = self.pattern[self.at : self.at + count]
        self.at += count
        return piece

    def ahead(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    @property
    def rest(self) -> str:
        return self.pattern[self.at :]

    @property
    def more(self) -> bool:
        return self.at < len(self.pattern)


def _escape(reader: _Reader, in_class: bool) -> str:
    """What stands behind a backslash, which has been read."""
    if not reader.more:
        raise ValueError("\\ at end of pattern")
    c = reader.take()
    if c in _CLASSES:
        return _CLASSES[c] if in_class else f"[{_CLASSES[c]}]"
    if in_class and c in "DWS":
        raise ValueError(f"\\{c} inside of [...] is not supported")
    if in_class and c == "b":
        return r"\x08"
    if c in _OUTSIDE:
        return _OUTSIDE[c]
    if c == "k" and reader.ahead("<"):
        reader.take()
        name, _, _ = reader.rest.partition(">")
        reader.take(len(name) + 1)
        return f"(?P={name})"
    if c in "xu":
        digits = re.match(r"[0-9a-fA-F]{2}" if c == "x" else r"[0-9a-fA-F]{4}", reader.rest)
        if digits is None:
            return c
        return re.escape(chr(int(reader.take(len(digits.group())), 16)))
    if c == "c" and reader.rest[:1].isalpha():
        return re.escape(chr(ord(reader.take()) % 32))
    return f"\\{c}" if c in _SAME else re.escape(c)


def _character_class(reader: _Reader) -> str:
    """[...], of which the first bracket has been read."""
    negated = reader.ahead("^")
    if negated:
        reader.take()
    inner = ""
    while not reader.ahead("]"):
        if not reader.more:
            raise ValueError("Unterminated character class")
        c = reader.take()
        # Python warns of [[, --, && and the like, which mean nothing yet.
        inner += _escape(reader, True) if c == "\\" else f"\\{c}" if c in "[&~|^" else c
    reader.take()
    if not inner:
        # [] matches nothing, and [^] everything.
        return r"[\s\S]" if negated else "(?!)"
    return f"[{'^' if negated else ''}{inner}]"


def translate(pattern: str) -> str:
    """A pattern of JavaScript (without flags) for `re.compile`. What it cannot say is a ValueError."""
    reader = _Reader(pattern)
    found = ""
    while reader.more:
        c = reader.take()
        if c == "\\":
            found += _escape(reader, False)
        elif c == "[":
            found += _character_class(reader)
        elif c == "$":
            # Python's also matches before a line break at the end.
            found += r"\Z"
        elif c == ".":
            found += r"[^\n\r\u2028\u2029]"
        elif c == "(" and reader.ahead("?<") and not reader.ahead("?<=") and not reader.ahead("?<!"):
            reader.take(2)
            found += "(?P<"
        elif c == "{" and not re.match(r"\d+(,\d*)?\}", reader.rest):
            found += r"\{"
        else:
            found += c
    return found


def _group(match: re.Match[str], digits: str) -> tuple[str, int] | None:
    """What $digits stands for, and how many digits belong to it."""
    for count in (2, 1):
        if len(digits) >= count and digits[:count].isdigit():
            number = int(digits[:count])
            if 1 <= number <= match.re.groups:
                return match.group(number) or "", count
    return None


def replacer(rewrite: str) -> Callable[[re.Match[str]], str]:
    """What makes the text that takes a match's place: $1, $& (the match), $` and $' (what stands around it),
    $<name> and $$ mean what they mean to JavaScript.
    """
    if "$" not in rewrite:
        return lambda match: rewrite

    def replace(match: re.Match[str]) -> str:
        first, *pieces = rewrite.split("$")
        found = first
        # "$$" leaves an empty piece, behind which the next one is plain.
        plain = False
        for i, piece in enumerate(pieces):
            if plain:
                found += piece
                plain = False
            elif piece == "" and i + 1 < len(pieces):
                found += "$"
                plain = True
            else:
                found += _one(match, piece)
        return found

    return replace


def _one(match: re.Match[str], piece: str) -> str:
    """What a piece behind a dollar sign becomes."""
    if piece[:1] == "&":
        return match.group() + piece[1:]
    if piece[:1] == "`":
        return match.string[: match.start()] + piece[1:]
    if piece[:1] == "'":
        return match.string[match.end() :] + piece[1:]
    if piece[:1] == "<" and ">" in piece and match.re.groupindex:
        name, _, rest = piece[1:].partition(">")
        text = match.group(name) if name in match.re.groupindex else ""
        return (text or "") + rest
    found = _group(match, piece)
    return "$" + piece if found is None else found[0] + piece[found[1] :]
