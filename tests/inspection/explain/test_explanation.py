"""What is explained: logits a class, and the layers that Grad-CAM can be asked of."""

import numpy as np
from hypothesis import given, settings

from cnn.inspection.explain.attribution import explained_layers
from cnn.inspection.explain.target import class_logits
from cnn.inspection.forward import class_probabilities, forward
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from tests.strategies import SEEDS, plans, random_images, random_weights


@given(plans(), SEEDS)
@settings(max_examples=30, deadline=None)
def test_the_class_with_the_largest_logit_is_the_most_probable(plan, seed):
    outputs = forward(plan, random_weights(plan, seed), random_images(plan, seed))
    logits = class_logits(outputs["logits"])
    chances = class_probabilities(outputs[plan.layers[-1].name])
    assert logits.shape == chances.shape
    for row, chance in zip(logits, chances, strict=True):
        assert chance[row.argmax()] == chance.max()
    if plan.network.output == "sigmoid":
        np.testing.assert_array_equal(logits[:, 0], -logits[:, 1])


@given(plans())
def test_one_layer_a_convolution_still_on_its_grid(plan):
    convolutions = [layer for layer in plan.layers if layer.name.startswith("convolution")]
    found = explained_layers(plan)
    assert [layer.output_shape for layer in found] == [one.output_shape for one in convolutions]
    assert [layer.block for layer in found] == [one.block for one in convolutions]


def test_it_is_the_activation_or_what_stands_for_it():
    linear = Activation("linear")
    blocks = (
        ConvolutionBlock(2, 3),
        ConvolutionBlock(2, 3, activation=linear),
        ConvolutionBlock(2, 3, batch_normalization=True, activation=linear, dropout=0.5),
    )
    one = plan(Network(blocks, dense=(DenseLayer(5),)), (64, 64, 1), 3)
    names = [layer.name for layer in explained_layers(one)]
    assert names == ["activation_1", "convolution_2", "batch_normalization_3"]
    assert explained_layers(plan(Network(()), (8, 8, 1), 3)) == ()
