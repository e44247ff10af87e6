import numpy as np
import pytest

from cnn.network.keras import build
from cnn.network.link import to_text
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE, PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_keras_builds_every_preset(name):
    model = build(plan(PRESETS[name].network, (28, 28, 1), 10), seed=1)
    outputs = np.asarray(model(np.zeros((1, 28, 28, 1), np.float32)))
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


def test_the_first_preset_is_the_article_to_the_letter():
    assert next(iter(PRESETS.values())).network == ARTICLE
    assert (
        to_text(ARTICLE) == "conv4x3-relu-max2_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax"
    )


def test_no_two_presets_are_the_same():
    assert len({preset.network for preset in PRESETS.values()}) == len(PRESETS)
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)


def test_average_pooling_is_all_that_tells_the_second_from_the_article():
    changed = to_text(PRESETS["average"].network)
    assert changed == to_text(ARTICLE).replace("max", "avg").replace("softavg", "softmax")
