"""What a host locks cannot be trained otherwise, whatever else is changed; what is free can be."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnn.data.split import DataChoice
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.job import OPTIMIZERS, Job, JobError, Phase, Settings
from cnn.workshop.rules import NETWORK_PARTS, PARTS, Part, RuleError, Rules, changed
from tests.strategies import networks

phases = st.builds(Phase, st.integers(1, 100), st.sampled_from([0.001, 0.01, 0.1]))
settings = st.builds(
    Settings,
    st.lists(phases, min_size=1, max_size=2).map(tuple),
    st.sampled_from([32, 128]),
    st.sampled_from(OPTIMIZERS),
    seed=st.integers(0, 5),
    patience=st.none() | st.integers(1, 5),
)
data = st.builds(DataChoice, st.just("some"), seed=st.integers(0, 2))
jobs = st.builds(Job, networks(), data, settings)
free_parts = st.sets(st.sampled_from(PARTS)).map(tuple)

START = Job(Network((ConvolutionBlock(4), ConvolutionBlock(16, 5))), DataChoice("some"), Settings())

CHANGES: dict[Part, Job] = {
    "blocks": replace(START, network=Network(START.network.blocks[:1])),
    "data": replace(START, data=DataChoice("some", seed=9)),
    "dense": replace(START, network=replace(START.network, output="sigmoid")),
    "epochs": replace(START, settings=replace(START.settings, phases=(Phase(31),))),
    "optimizer": replace(START, settings=replace(START.settings, batch_size=64)),
    "rate": replace(START, settings=replace(START.settings, phases=(Phase(30, 0.1),))),
    "seed": replace(START, settings=replace(START.settings, seed=2)),
} | {
    part: replace(
        START, network=replace(START.network, blocks=(START.network.blocks[0], changed_block))
    )
    for part, changed_block in {
        "filters": ConvolutionBlock(9, 5),
        "kernel": ConvolutionBlock(16, 5, dilation=2),
        "stride": ConvolutionBlock(16, 5, 2),
        "padding": ConvolutionBlock(16, 5, padding="same"),
        "activation": ConvolutionBlock(
            16, 5, activation=replace(ConvolutionBlock().activation, name="tanh")
        ),
        "pooling": ConvolutionBlock(16, 5, pooling=None),
        "regularization": ConvolutionBlock(16, 5, dropout=0.5),
    }.items()
}


def test_every_part_has_a_change_here() -> None:
    assert {*CHANGES} == {*PARTS} and NETWORK_PARTS[-1] == "dense"


@pytest.mark.parametrize("part", PARTS)
def test_a_change_of_one_part_needs_that_part_alone(part: Part) -> None:
    assert list(changed(START, CHANGES[part])) == [part]
    Rules((part,)).check(START, CHANGES[part])
    locked = Rules(tuple(one for one in PARTS if one != part), reason="Not today.")
    with pytest.raises(RuleError, match=r"Not today\.") as refused:
        locked.check(START, CHANGES[part])
    assert str(refused.value) == locked.why_locked(part)
    assert not Rules((part,)).why_locked(part)


@given(jobs, jobs, free_parts)
def test_what_passes_differs_only_in_what_is_free(
    start: Job, wanted: Job, free: tuple[Part, ...]
) -> None:
    try:
        Rules(free).check(start, wanted)
    except RuleError:
        return
    if start.data != wanted.data:
        assert "data" in free
    if start.settings.seed != wanted.settings.seed:
        assert "seed" in free
    if len(start.network.blocks) != len(wanted.network.blocks):
        assert "blocks" in free
    assert "epochs" in free or start.settings.epochs == wanted.settings.epochs


@given(jobs, jobs)
def test_two_jobs_without_a_changed_part_train_alike(one: Job, other: Job) -> None:
    """No field of a job is overlooked: where no part differs, only the order of the phases may."""
    mixed = replace(other, network=one.network)
    for job in (other, mixed):
        if not [*changed(one, job)]:
            assert (one.network, one.data) == (job.network, job.data)
            assert one.settings.seed == job.settings.seed


@given(jobs)
def test_the_start_itself_may_be_trained_under_any_rules(start: Job) -> None:
    Rules((), 1).check(start, start)


@given(jobs, st.integers(1, 100))
def test_epochs_are_free_up_to_a_number(wanted: Job, most: int) -> None:
    assume(wanted.settings.epochs > most)
    with pytest.raises(RuleError, match=f"at most {most} epochs"):
        Rules(PARTS, most).check(START, wanted)


def test_where_blocks_are_free_the_others_keep_what_blocks_had() -> None:
    rules = Rules(("blocks",))
    first, second = START.network.blocks
    for blocks in ((second, first), (first,), (first, second, ConvolutionBlock())):
        rules.check(START, replace(START, network=Network(blocks)))
    with pytest.raises(RuleError, match="filters"):
        rules.check(START, replace(START, network=Network((ConvolutionBlock(9), first, second))))


def test_a_rule_allows_at_least_one_epoch() -> None:
    with pytest.raises(JobError):
        Rules(PARTS, 0)
