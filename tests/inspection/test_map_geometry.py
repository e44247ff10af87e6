"""Where cells lie, against cells and pixels tried one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.inspection.explain.attribution import explained_layers
from cnn.inspection.map_geometry import receptive, squares
from tests.strategies import plans


@given(plans())
@settings(max_examples=60, deadline=None)
def test_a_pixel_belongs_to_the_cell_centered_nearest_if_that_sees_it(plan):
    side = plan.image_shape[0]
    for layer in explained_layers(plan):
        field, units = layer.receptive_field, layer.output_shape[0]
        found = receptive(field, units, side)
        assert found.spans == tuple(field.span(unit, side) for unit in range(units))
        for unit, center in enumerate(found.centers):
            seen = [field.start + unit * field.step + pixel for pixel in range(field.size)]
            assert center == sum(seen) / len(seen)
        for pixel, cell in enumerate(found.nearest):
            # Twice the distances, to stay with whole numbers.
            away = [
                abs(2 * (field.start + u * field.step - pixel) + field.size - 1)
                for u in range(units)
            ]
            nearest = away.index(min(away))
            first, after = field.span(nearest, side)
            assert cell == (nearest if first <= pixel < after else -1)


def test_squares_by_hand():
    assert squares([0, 1, 2], 3, 5).nearest == (0, 0, 1, 2, 2)
    assert squares([0, 4], 2, 6).nearest == (0, 0, -1, -1, 1, 1)


@given(st.integers(1, 64))
def test_squares_of_one_pixel_are_the_pixels(side):
    found = squares(range(side), 1, side)
    assert found.nearest == tuple(range(side))
    assert found.spans == tuple((pixel, pixel + 1) for pixel in range(side))
