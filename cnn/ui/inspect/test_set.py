"""What a layer makes of the whole test set: asked of a worker once for all who look at it."""

from concurrent.futures import Future

from cnn.inspection.features.preference import Preference, preference
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services


def preference_of(look: InspectionView, layer: str) -> Future[Preference]:
    """What every map or unit of a layer makes of all test images; images are places in `data.test`."""
    numbers = look.data.test
    return services.ask(
        f"preference-{layer}",  # two layers may be asked for on one page
        (*look.network_key, layer),
        preference,
        look.plan,
        look.weights,
        layer,
        look.data.dataset.images[numbers],
        look.data.labels[numbers],
    )
