from hypothesis import given, settings

from cnn.data.split import DataChoice
from cnn.evaluation.comparison import differences
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
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


@given(plans())
@settings(max_examples=30)
def test_every_change_can_be_trained_and_changes_something(unrolled: Plan) -> None:
    job = Job(unrolled.network, DataChoice("any"), Settings())
    for title, changed in changes(job, unrolled.image_shape, unrolled.classes).items():
        assert differences([job, changed]), title
        plan(changed.network, unrolled.image_shape, unrolled.classes)
