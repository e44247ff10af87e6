from hypothesis import given, settings

from cnn.data.split import DataChoice
from cnn.evaluation.comparison import differences
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Activation, ConvolutionBlock, Network
from cnn.training.job import Job, Settings
from cnn.ui.compare.change import changes
from tests.strategies import plans


def test_would_average_pooling_help() -> None:
    job = Job(ARTICLE, DataChoice("garments"), Settings())
    found = changes(job, (28, 28, 1), 10)
    assert found["average pooling instead of max"].network == PRESETS["average"].network
    assert found["twice as many filters"].network.blocks[1].filters == 16
    assert found["another seed (2)"].settings.seed == 2
    assert "max pooling instead of average" not in found


def test_a_change_is_what_its_title_says_in_every_block() -> None:
    blocks = (ConvolutionBlock(2, 4), ConvolutionBlock(3, 4, activation=Activation("elu")))
    job = Job(Network(blocks), DataChoice("any"), Settings())
    found = changes(job, (28, 28, 1), 10)
    for side in (3, 5, 7):
        changed = found[f"kernels of {side} × {side}"].network
        assert [block.kernel for block in changed.blocks] == [side, side]
    for title in ("ReLU", "Tanh", "Sigmoid"):
        changed = found[f"{title} after every convolution"].network
        assert [block.activation.name for block in changed.blocks] == [title.lower()] * 2


@given(plans())
@settings(max_examples=30)
def test_every_change_can_be_trained_and_changes_something(unrolled: Plan) -> None:
    job = Job(unrolled.network, DataChoice("any"), Settings())
    for title, changed in changes(job, unrolled.image_shape, unrolled.classes).items():
        assert differences([job, changed]), title
        plan(changed.network, unrolled.image_shape, unrolled.classes)
