"""Names of other libraries: every answer names what is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

import lamina as tf
from lamina import callbacks, models
from lamina._absent import is_absent
from lamina._names import suggest
from lamina._python_names import tables
from lamina.config import Factory

OPTIONS = {
    *(each.name for f in (tf.train, tf.layers) for name in dir(f)
      if isinstance(getattr(f, name), Factory) for each in getattr(f, name).option_set),
    *(each.name for f in (models.Sequential.fit, models.Sequential.compile) for each in f.option_set),
}  # fmt: skip
PLACES: dict[str, Any] = {
    "options": type("Options", (), dict.fromkeys(OPTIONS)),
    "tf": tf,
    "Tensor": tf.Tensor,
    "model": models.Sequential,
    "layer": tf.layers.Layer,
    "optimizer": tf.Optimizer,
    "tf.train.schedules": tf.train.schedules,
    **{f"tf.{name}": getattr(tf, name) for name in (
        "layers", "train", "initializers", "regularizers", "constraints", "callbacks", "losses", "metrics",
        "io",
    )},
}  # fmt: skip
# What the sentences speak of beside `tf`, as `word.name`.
WORDS = {
    "tensor": tf.Tensor,
    "variable": tf.Variable,
    "model": models.Sequential,
    "layer": tf.layers.Layer,
    "weight": tf.LayerVariable,
    "optimizer": tf.Optimizer,
}
# What instances alone have.
OF_INSTANCES = {"model.layers", "model.inputs", "layer.inputSpec"}
ENTRIES = [(place, name, said) for place, table in tables().items() for name, said in table.items()]


def found(path: str) -> Any:
    owner: Any = tf
    for part in path.split(".")[1:]:
        owner = getattr(owner, part)
    return owner


def test_what_instances_have():
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[2])])
    here = {"model": model, "layer": model.layers[0]}
    for word, _, each in (path.partition(".") for path in OF_INSTANCES):
        assert hasattr(here[word], each)
    model.dispose()


def test_counts():
    assert len(ENTRIES) >= 600
    assert set(tables()) == set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_is_there(place):
    wrong = []
    for _, name, said in (entry for entry in ENTRIES if entry[0] == place):
        mentioned = re.findall(r"\btf(?:\.\w+)+", said)
        wrong += [(name, path) for path in mentioned if not exists(path)]
        for word, each in re.findall(r"\b(\w+)\.(\w+)", said):
            if word in WORDS and f"{word}.{each}" not in OF_INSTANCES and not hasattr(WORDS[word], each):
                wrong.append((name, f"{word}.{each}"))
        if re.fullmatch(r"[\w| ]+", said) and " " not in said.replace(" | ", ""):
            where = place if place.startswith("tf") else models.Sequential.__name__
            for each in said.split(" | "):
                if not hasattr(PLACES[place], each) and not is_absent(each, where):
                    wrong.append((name, each))
    assert wrong == []


def exists(path: str) -> bool:
    try:
        found(path)
    except AttributeError:
        return False
    return True


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place not in ("tf.callbacks", "tf.layers", "options")]
)
def test_no_entry_hides_a_name(place):
    """An entry for a name that is there would never be read."""
    hidden = [name for at, name, _ in ENTRIES if at == place and name in dir(PLACES[place])]
    # Modules of the package, which are there under these names, too.
    assert sorted(set(hidden) - {"math", "random", "gradients"}) == []


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda: tf.reduce_mean, r"tf has no 'reduce_mean'; did you mean tf\.mean\?"),
        (lambda: tf.reduceMean, r"did you mean tf\.mean\?"),
        (lambda: tf.matmul, r"did you mean tf\.matMul\?"),
        (lambda: tf.keras, r"tf\.sequential, tf\.layers\.dense"),
        (lambda: tf.nn, r"tf\.relu"),
        (lambda: tf.random.normal, r"tf\.random has no 'normal'; did you mean tf\.randomNormal\?"),
        (lambda: tf.math.reduce_sum, r"tf\.math has no 'reduce_sum'; did you mean tf\.sum\?"),
        (lambda: tf.math.exp, r"did you mean tf\.exp\?"),
        (lambda: tf.linalg.matmul, r"did you mean tf\.matMul\?"),
        (lambda: tf.losses.mse, r"did you mean tf\.losses\.meanSquaredError\?"),
        (lambda: tf.no_grad, r"only computed inside of tf\.grad"),
        (lambda: tf.fromPixels, r"did you mean tf\.browser\.fromPixels\?"),
        (lambda: tf.backend_util, r"docs/add-an-op\.md"),
        (lambda: tf.util.fetch, r"tf\.io handlers"),
        (lambda: tf.scalar(1).numpy, r"np\.asarray\(tensor\)"),
        (lambda: tf.scalar(1).item, r"float\(tensor\)"),
        (lambda: tf.scalar(1).backward, r"tf\.grad"),
        (lambda: tf.scalar(1).unsqueeze, r"Tensor\.expandDims"),
        (lambda: tf.variable(tf.scalar(1), name="v_names").assign_add, r"variable\.assign"),
        (lambda: models.Sequential().fit_generator, r"Sequential\.fit"),
        (lambda: models.Sequential().state_dict, r"Sequential\.getWeights"),
        (lambda: tf.layers.dense(units=1).parameters, r"Dense\.trainableWeights"),
        (lambda: tf.train.adam().step, r"AdamOptimizer\.minimize"),
        (lambda: tf.train.AdamW, r"tf\.train\.adamw"),
        (lambda: tf.train.CosineDecay, r"tf\.train\.schedules\.cosineDecay"),
        (lambda: tf.initializers.xavier_uniform, r"tf\.initializers\.glorotUniform"),
        (lambda: callbacks.ReduceLROnPlateau, r"setLearningRate"),
    ],
)
def test_answers(look, said):
    with pytest.raises(AttributeError, match=said):
        look()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tf.train.sgd(0.1, momentum=0.9), r"tf\.train\.momentum"),
        (lambda: tf.train.adam(weight_decay=0.1), r"tf\.train\.adamw"),
        (lambda: tf.train.rmsprop(0.1, rho=0.9), 'did you mean "decay"'),
        (lambda: tf.train.adadelta(eps=0.9), 'did you mean "epsilon"'),
        (lambda: tf.train.adam(max_grad_norm=1), 'did you mean "globalClipNorm"'),
        (lambda: tf.layers.dense(out_features=3), 'did you mean "units"'),
        (lambda: tf.layers.conv2d(out_channels=3, kernelSize=2), 'did you mean "filters"'),
        (lambda: tf.layers.dropout(p=0.5), 'did you mean "rate"'),
        (lambda: tf.layers.dense(units=1, dtype="int64"), "Did you mean 'int32'"),
        (lambda: tf.layers.dense(units=1, dtype="double"), "Did you mean 'float32'"),
        (lambda: tf.Sequential([tf.layers.dense(units=1)]), r"tf\.sequential\(layers="),
    ],
)
def test_options_of_other_libraries(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_names_in_a_users_own_model():
    class Mine(models.Sequential):
        pass

    with pytest.raises(AttributeError, match=r"Mine has no 'get_weight'; did you mean Mine\.getWeights\?"):
        Mine().get_weight  # noqa: B018
    with pytest.raises(AttributeError, match=r"Mine\.getWeights"):
        Mine().state_dict  # noqa: B018


def test_hasattr_stays_quick_and_quiet():
    assert not hasattr(tf.scalar(1), "numpy")
    assert not hasattr(tf, "reduce_mean")
    assert suggest("zzzzz", ["add"]) == "tf has no 'zzzzz'."
