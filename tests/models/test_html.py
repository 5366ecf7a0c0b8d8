"""What notebooks show: HTML of tensors, histories, summaries and Promises, and curves as SVG."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import lamina as tf
from lamina.notebook.curves import MOST_POINTS, chart, charts
from support.nets import close

NASTY = "<b onclick='x'>&"


def cells(html: str) -> list[list[str]]:
    root = ElementTree.fromstring(f"<div>{html}</div>")
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def words(html: str) -> str:
    return "".join(ElementTree.fromstring(f"<div>{html}</div>").itertext())


def test_small_tensors_are_shown_whole():
    html = tf.tensor([[1, 2.5], [-3, math.nan]])._repr_html_()
    assert "Tensor float32 [2, 2]" in html
    assert cells(html) == [["1", "2.5"], ["-3", "NaN"]]
    assert cells(tf.tensor([True, False])._repr_html_()) == [["true", "false"]]
    assert words(tf.scalar(2.5)._repr_html_()) == "Tensor float32 []2.5"
    assert words(tf.zeros([0, 3])._repr_html_()) == "Tensor float32 [0, 3]"


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_of_many_values_the_corners_are_shown(dtype):
    x = np.arange(50 * 40).reshape(50, 40)
    shown = cells(tf.tensor(x, None, dtype)._repr_html_())
    assert shown[0] == ["0", "1", "2", "…", "37", "38", "39"]
    assert shown[3] == ["…"] * 7
    assert shown[-1] == [str(n) for n in (1960, 1961, 1962)] + ["…"] + [str(n) for n in (1997, 1998, 1999)]
    assert len(shown) == 7


def test_of_higher_ranks_the_first_matrix_is_shown():
    html = tf.range(0, 24).reshape([2, 2, 2, 3])._repr_html_()
    assert "[0, 0, :, :]" in html
    assert cells(html) == [["0", "1", "2"], ["3", "4", "5"]]


def test_texts_and_names_are_escaped():
    assert cells(tf.tensor([NASTY])._repr_html_()) == [[f"'{NASTY}'"]]
    variable = tf.variable(tf.scalar(1), True, NASTY)
    assert NASTY in words(variable._repr_html_())
    variable.dispose()
    gone = tf.scalar(1)
    gone.dispose()
    assert "<disposed Tensor" in words(gone._repr_html_())
    for html in (chart(NASTY, {NASTY: [1.0], "b": [2.0]}), charts({NASTY: [1.0, 2.0]})):
        assert NASTY in words(html)
        assert "<b" not in html


def test_showing_leaves_no_tensors():
    x = tf.ones([30, 30])
    before = tf.memory().numTensors
    x._repr_html_()
    assert tf.memory().numTensors == before


def points(svg: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'points="([^"]*)"', svg)
    return [[tuple(map(float, p.split(","))) for p in each.split()] for each in found]


def test_a_curve_goes_through_its_values():
    (curve,) = points(chart("loss", {"loss": [4.0, 2.0, 0.0]}))
    (x0, y0), (x1, y1), (x2, y2) = curve
    assert close(x1 - x0, x2 - x1, 1e-2)
    assert y0 < y1 < y2  # larger values stand higher, that is at smaller y
    assert close(y1 - y0, y2 - y1, 1e-2)


def test_values_that_are_not_finite_are_gaps():
    assert len(points(chart("loss", {"loss": [1, 2, math.nan, 3, 4, math.inf]}))) == 2
    assert chart("loss", {"loss": [1, math.nan, 2, 1]}).count("<circle") == 1
    empty = chart("loss", {"loss": [math.nan]})
    assert points(empty) == []
    ElementTree.fromstring(empty)
    ElementTree.fromstring(chart("loss", {"loss": [5.0, 5.0]}))
    ElementTree.fromstring(chart("loss", {"loss": [-1.7e308, 1.7e308]}))


def test_long_curves_are_thinned_and_keep_their_ends():
    (curve,) = points(chart("loss", {"loss": [float(i) for i in range(10_000)]}))
    assert len(curve) == MOST_POINTS
    (short,) = points(chart("loss", {"loss": [0.0, 9999.0]}))
    assert (curve[0], curve[-1]) == (short[0], short[-1])


def fitted(**options):
    def mae(y, z):
        return tf.metrics.meanAbsoluteError(y, z)

    mae.__name__ = NASTY
    model = tf.sequential(layers=[tf.layers.dense(units=1, inputShape=[1])])
    model.compile(optimizer="sgd", loss="meanSquaredError", metrics=[mae])
    xs = tf.tensor2d([[1], [2], [3], [4]])
    return model, model.fit(xs, xs, verbose=0, **options)


def test_a_history_shows_its_curves_and_its_end():
    model, promise = fitted(epochs=5, validationSplit=0.5)
    history = promise.result()
    html = history._repr_html_()
    assert html.count("<svg") == 2  # loss and mae, each with its validation
    assert len(points(html)) == 4
    assert cells(html)[0] == ["", "epoch 5"]
    shown = dict(cells(html)[1:])
    assert set(shown) == set(history.history)
    assert close(float(shown["loss"]), history.history.loss[-1], 1e-3)
    model.dispose()
    assert words(tf.History()._repr_html_()) == "History of no epochs"


def test_a_promise_shows_where_it_stands():
    model, promise = fitted(epochs=2)
    promise.result()
    html = promise._repr_html_()
    assert "Promise fit, made at " in words(html)
    assert "fulfilled" in words(html)
    assert "<svg" in html
    model.dispose()
    rejected = tf.Promise.reject(ValueError(NASTY))
    assert f"ValueError: {NASTY}" in words(rejected._repr_html_())
    rejected.catch(lambda _: None).result()


def test_a_running_promise_shows_the_curves_so_far():
    seen = []

    def look(epoch, logs):
        if epoch == 3:
            seen.append(holder[0]._repr_html_())

    holder = []
    model, promise = fitted(epochs=5, callbacks={"onEpochEnd": look})
    holder.append(promise)
    promise.result()
    model.dispose()
    (html,) = seen
    assert "pending" in words(html)
    assert all(len(curve) == 3 for curve in points(html))


def test_a_model_shows_its_summary():
    x = tf.input(shape=[4], name="in")
    h = tf.layers.dense(units=4, name="h").apply(x)
    model = tf.model(inputs=x, outputs=tf.layers.add(name="sum").apply([x, h]))
    model.name = NASTY  # as an option it would be refused
    lines: list[str] = []
    model.summary(None, None, lines.append)
    html = model._repr_html_()
    rows = cells(html)
    assert rows[0] == ["Layer (type)", "Input Shape", "Output shape", "Param #", "Receives inputs"]
    assert rows[2] == ["h (Dense)", "[[null,4]]", "[null,4]", "20", "in[0][0]"]
    assert rows[-1] == ["", "", "", "", "h[0][0]"]
    assert [line for line in lines if "params:" in line] == [
        f"Total params: {model.countParams()}",
        "Trainable params: 20",
        "Non-trainable params: 0",
    ]
    assert "Trainable params: 20" in words(html)
    assert words(html).startswith(NASTY)
    model.dispose()
    assert tf.sequential()._repr_html_() is None


def test_outside_of_a_notebook_a_promise_prints_itself(capsys):
    """IPython on a terminal asks for the display, too."""
    promise = tf.Promise.resolve(3)
    promise._ipython_display_()
    assert capsys.readouterr().out == f"{promise!r}\n"


def test_a_long_fit_that_runs_is_drawn_from_some_of_its_epochs():
    class Counted(list):
        looked = 0

        def __iter__(self):
            for value in super().__iter__():
                Counted.looked += 1
                yield value

    losses = Counted(float(i) for i in range(300_000))
    whole, live = (charts({"loss": losses}, live=live) for live in (False, True))
    assert Counted.looked == 300_000
    for html in (whole, live):
        assert ">300000</text>" in html
        (curve,) = points(html)
        assert len(curve) == 300
    assert points(live)[0][-1] == points(whole)[0][-1]
