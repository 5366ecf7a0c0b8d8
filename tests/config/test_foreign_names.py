"""Every public name of Keras 3, and common ones of PyTorch and scikit-learn: where it leads."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lamina as tf
from lamina._absent import is_absent
from lamina._names import _snake
from lamina._python_names import answer
from lamina._python_names.known import KNOWN
from lamina.objectives import losses

REFERENCE = Path(
    os.environ.get("LAMINA_REFERENCE") or Path(__file__).resolve().parents[3] / "shared/reference"
)
SPACES = {
    "tf": tf, "tf.train.schedules": tf.train.schedules,
    **{place: getattr(tf, place[3:]) for place in KNOWN if place.count(".") == 1},
}  # fmt: skip
# Where Keras' names stand, by the sections of keras3.json.
SECTIONS = {
    "layers": "tf.layers", "activations": "tf", "initializers": "tf.initializers",
    "regularizers": "tf.regularizers", "constraints": "tf.constraints", "losses": "tf.losses",
    "metrics": "tf.metrics", "optimizers": "tf.train", "schedules": "tf.train.schedules",
    "callbacks": "tf.callbacks", "ops": "tf",
}  # fmt: skip
NONE = "there is no counterpart of it so far"


def said_of(place: str, name: str) -> str:
    """The message for a name; "" where it is there."""
    try:
        getattr(SPACES[place], name)
    except AttributeError as error:
        return str(error)
    return ""


def found(path: str) -> Any:
    value: Any = tf
    for part in path.split(".")[1:]:
        value = getattr(value, part)
    return value


def is_same(name: str, suggested: str) -> bool:
    """Whether the names differ in case and underscores alone."""
    return name.replace("_", "").lower() == suggested.rpartition(".")[2].lower()


@pytest.mark.parametrize("place", KNOWN)
def test_where_names_lead(place):
    """To a name that is there, which a table gives or which is spelled the same; or to a plain answer."""
    wrong = []
    for name in KNOWN[place].split():
        said = said_of(place, name)
        if not said:
            continue
        suggested = re.search(r"did you mean (tf\.[\w.]+)\?", said)
        if suggested is None:
            later = re.search(r"in TensorFlow\.js it is (tf(?:\.\w+)?)\.(\w+), which", said)
            plain = NONE in said or " yet: " in said or re.search(r"has no '\w+': \S+ .*\.$", said)
            if not (plain or (later and is_absent(later[2], later[1]))):
                wrong.append(said)
            continue
        value = found(suggested[1])
        named = any(answer(each, at) for at in (place, "tf") for each in (name, _snake(name)))
        if isinstance(value, ModuleType) or not (named or is_same(name, suggested[1])):
            wrong.append(said)
    assert wrong == []


def test_counts():
    assert sum(len(names.split()) for names in KNOWN.values()) >= 800
    assert set(KNOWN) == set(SPACES)


def keras(file: str) -> dict[str, Any]:
    path = REFERENCE / file
    if not path.exists():
        pytest.skip(f"there is no {path} (LAMINA_REFERENCE)")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_every_name_of_keras_is_in_the_table():
    content, here = keras("keras3.json"), keras("names_keras.json")
    for section, place in SECTIONS.items():
        assert (set(content[section]) | set(here.get(section, ()))) - set(KNOWN[place].split()) == set()


@pytest.mark.parametrize("section", SECTIONS)
def test_names_that_are_here_are_found(section):
    """What names_keras.json calls a name, where that exists, is where the name leads."""
    place = SECTIONS[section]
    wrong = []
    for name, ours in keras("names_keras.json").get(section, {}).items():
        if ours is None or not ours.isidentifier() or section == "activations":
            continue
        said = said_of(place, name)
        if section == "losses":
            right = ours not in losses or f'"loss": "{ours}"' in said or f"tf.losses.{ours}" in said
        else:
            right = ours not in dir(SPACES[place]) or not said or f"{place}.{ours}?" in said
        # `callbacks.History` is what fit() gives.
        if not right and name != "History":
            wrong.append(said)
    assert wrong == []


MODEL = tf.sequential()


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda: tf.plot_model, r"tf has no 'plot_model': model\.summary\(\)"),
        (lambda: tf.Module, r"derive from tf\.layers\.Layer"),
        (lambda: tf.saving, r"model\.save\(path\).*tf\.loadLayersModel\(path\)"),
        (lambda: tf.losses.BinaryCrossentropy, r'\{"loss": "binaryCrossentropy"\}'),
        (lambda: tf.BinaryCrossentropy, r'\{"loss": "binaryCrossentropy"\}'),
        (lambda: MODEL.save_weights, r"model\.save\(path\) saves the weights"),
        (lambda: MODEL.load_weights, r"tf\.loadLayersModel\(path\)"),
        (lambda: tf.save_weights, r"model\.save\(path\)"),
        (lambda: tf.layers.normalization, NONE),
        (lambda: tf.layers.Normalization, NONE),
        (lambda: tf.Add, r"did you mean tf\.layers\.add\?"),
        (lambda: tf.AUC, NONE),
        (lambda: tf.Conv1D, r"in TensorFlow\.js it is tf\.layers\.conv1d, which Lamina does not have so far"),
        (lambda: tf.KMeans, NONE),
        (lambda: tf.DataLoader, NONE),
        (lambda: tf.train_test_split, r"validationSplit"),
        (lambda: tf.BatchNorm2d, r"did you mean tf\.layers\.batchNormalization\?"),
        (lambda: tf.AdamW, r"did you mean tf\.train\.adamw\?"),
    ],
)
def test_answers(look, said):
    with pytest.raises(AttributeError, match=said):
        look()


@pytest.mark.parametrize(
    "name", ["saving", "training", "fitting", "shards", "linear", "topology", "files", "programs"]
)
def test_modules_inside_are_not_offered(name):
    said = said_of("tf", name)
    offered = re.search(r"did you mean (tf\.[\w.]+)\?", said)
    assert offered is None or offered[1][3:] in tf.__all__ or not isinstance(found(offered[1]), ModuleType)
