from dataclasses import replace

from cnn.data.split import DataChoice
from cnn.evaluation.comparison import differences
from cnn.network.presets import ARTICLE, PRESETS
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Parent
from cnn.ui.compare.differences import grouped, in_words, place, sentence, values
from cnn.ui.compare.run_library import Compared
from tests.training.examples import new_run

JOB = Job(ARTICLE, DataChoice("garments"), Settings())


def test_what_differs_is_put_into_words() -> None:
    average = replace(JOB, network=PRESETS["average"].network)
    [both] = grouped(differences([JOB, average]))
    words = sentence(both, ["A", "B*"])
    assert words == "**Blocks 1 and 2, pooling**: max 2 × 2 in A, average 2 × 2 in B\\*"


def test_where_a_run_began_is_told_though_its_job_is_the_same() -> None:
    run = new_run()
    went_on = replace(run, parent=Parent("another", 3))
    by_hand = replace(run, parent=Parent("another", 3, "digest"))
    told, _ = in_words([Compared(went_on, "A"), Compared(by_hand, "B*")])
    assert len(told) == 2
    assert "**A** continued from epoch 3" in told[0]
    assert "**B\\***" in told[1] and "changed by hand" in told[1]
    same, _ = in_words([Compared(run, "A"), Compared(run, "B")])
    assert len(same) == 1 and "Nothing differs" in same[0]


def test_every_kind_of_value_has_words() -> None:
    network = replace(PRESETS["alexnet"].network, flattening="global_average")
    settings = Settings((Phase(5, 0.01), Phase(5, 0.001)), 64, "sgd", 0.9, 2, 3)
    data = DataChoice("other", (0, 2), None, 7)
    found = differences([JOB, Job(network, data, settings)])
    words = {place([one]): values([one]) for one in found}
    assert words["Block 1, kernel"] == ["3 × 3", "5 × 5"]
    assert words["Block 1, pooling"] == ["max 2 × 2", "max 3 × 3, stride 2"]
    assert words["Block 5"][0] == "none"
    assert words["Between maps and vector"] == ["flatten", "global average"]
    assert words["Dense layer 1, activation"] == ["Sigmoid", "ReLU"]
    assert words["Data, classes kept"] == ["all", "0, 2"]
    assert words["Data, training share"] == ["80%", "as its authors split it"]
    assert words["Learning rate"] == ["0.001", "0.01, then 0.001"]
    assert words["Patience of early stopping"] == ["none", "3"]
    assert words["Seed"] == ["1", "2"]
    assert all(text for texts in words.values() for text in texts)
