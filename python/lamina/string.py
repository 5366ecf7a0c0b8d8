"""tf.string: pieces, n-grams, hashes and replacements of strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import name_arguments
from ._convert import as_tensor, none_is_default
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._core import Tensor
    from .ops_evaluation import Selection

__all__ = ["staticRegexReplace", "stringNGrams", "stringSplit", "stringToHashBucketFast"]

ops = _core.ops


def _strings(x: Any) -> Tensor:
    # An empty list has no type of its own.
    return as_tensor(x, "string")


@none_is_default
def staticRegexReplace(input: Any, pattern: str, rewrite: str, replaceGlobal: bool = True) -> Tensor:
    """The strings with what a regular expression matches replaced: all matches, or only the first.

    pattern and rewrite are JavaScript's: $1 is the first group, $& the whole match, $` and $' what stands
    before and behind it, $<name> a named group and $$ a dollar sign.
    """
    import re

    from ._regex import replacer, translate

    strings = _strings(input)
    if strings.dtype != "string":
        raise TypeError(
            "Argument 'input' passed to 'staticRegexReplace' must be string tensor, but got "
            f"{strings.dtype} tensor"
        )
    try:
        compiled = re.compile(translate(pattern))
    except (ValueError, re.error) as error:
        raise ValueError(f"Invalid regular expression: /{pattern}/: {error}") from None
    replace, count = replacer(rewrite), 0 if replaceGlobal else 1
    replaced = [compiled.sub(replace, text, count) for text in strings._to_flat_list()]
    return _core.tensor(replaced, list(strings.shape), "string")


def stringNGrams(  # noqa: PLR0917 - the positions are TensorFlow.js'
    data: Any,
    dataSplits: Any,
    separator: str,
    nGramWidths: Sequence[int],
    leftPad: str,
    rightPad: str,
    padWidth: int,
    preserveShortSequences: bool,
) -> AttrDict[Tensor]:
    """{"nGrams": ..., "nGramsSplits": ...}: the n-grams of each row of a ragged tensor of words.

    data: the words, a vector; dataSplits: where rows begin, and last the number of words. Of each row the
    n-grams of all nGramWidths come one behind another, joined by the separator. padWidth words of leftPad and
    rightPad stand at its ends, at most width - 1; -1 means width - 1. preserveShortSequences: whether a row
    too short for any n-gram gives one of all its words.
    """
    words, splits = _strings(data), as_tensor(dataSplits, "int32")
    if words.dtype != "string":
        raise TypeError("Data must be of datatype string")
    if splits.dtype != "int32":
        raise TypeError("Data splits must be of datatype int32")
    texts = _core.tensor([separator, leftPad, rightPad], None, "string")
    nGrams, nGramsSplits = ops.stringNGrams(
        words, splits, texts, nGramWidths, padWidth, preserveShortSequences
    )
    return AttrDict(nGrams=nGrams, nGramsSplits=nGramsSplits)


@none_is_default
def stringSplit(input: Any, delimiter: Any, skipEmpty: bool = True) -> Selection:
    """{"indices": [n, 2], "values": [n], "shape": [2]}: the pieces of each string, as a sparse tensor.

    A string, of which each character parts pieces; empty, it parts all characters. skipEmpty: whether empty
    pieces are left out.
    """
    from .ops_evaluation import Selection

    indices, values, shape = ops.stringSplit(_strings(input), _strings(delimiter), skipEmpty)
    return Selection(indices=indices, values=values, shape=shape)


def stringToHashBucketFast(input: Any, numBuckets: int) -> Tensor:
    """For each string a number below numBuckets, as int32: its FarmHash64 fingerprint modulo numBuckets."""
    return ops.stringToHashBucketFast(_strings(input), numBuckets)


name_arguments(globals(), __all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from ._names import suggest_in_tf

    raise AttributeError(suggest_in_tf(name, __all__, "tf.string"))
