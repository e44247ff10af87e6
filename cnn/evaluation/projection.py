"""The outputs of the last hidden layer as points in two dimensions: principal components and t-SNE."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from cnn.arrays import Array, Floats, Pixels
from cnn.inspection.forward import after
from cnn.network.layers import Layer
from cnn.network.plan import Plan

PERPLEXITY = 30
"""About how many neighbors t-SNE keeps together; its authors' range is 5 to 50."""

MOST_COMPONENTS = 50
"""Principal components that t-SNE measures distances in where the layer gives more numbers."""

EXAGGERATED, EXAGGERATION, MOMENTUM = 250, 12.0, 0.8
"""The first iterations pull neighbors together so many times as strongly (openTSNE's settings)."""

ITERATIONS = 750
PORTION = 25
"""Iterations of one call: about half a second for 2,000 images."""

FEWEST = 10
"""Images below which there are too few neighbors."""


class ProjectionError(ValueError):
    """Outputs that cannot be laid out; the message is a sentence to show."""


@dataclass(frozen=True, eq=False)
class Principal:
    """Principal components: `places` (images, components), the `shares` of the variance (components,)."""

    places: Array
    shares: Floats


@dataclass(frozen=True, eq=False)
class Embedding:
    """t-SNE's `places` (images, 2) after some iterations, and what it takes to go on.

    `affinities` (images, images) says which images belong together, `gains` and `update` (images, 2)
    are the state of the descent, None before it begins.
    """

    places: Floats
    iteration: int
    affinities: csr_matrix
    gains: Floats | None = None
    update: Floats | None = None

    @property
    def done(self) -> bool:
        return self.iteration >= ITERATIONS


def hidden_layer(plan: Plan) -> Layer:
    """The layer whose outputs the logits read; dropout, which does nothing here, is passed over."""
    before = plan.layers[: plan.layers.index(plan.layer("logits"))]
    return next(one for one in reversed(before) if not one.operation.training_only)


def principal_outputs(plan: Plan, weights: Array, images: Pixels, components: int = 2) -> Principal:
    """The principal components of the last hidden layer's outputs for uint8 images (n, ...).

    Raises ProjectionError where outputs are not all finite, or all images give the same.
    """
    layers = plan.upto(hidden_layer(plan).name).layers
    found = principal(after(layers, plan.split(weights), images), components)
    if not found.shares.any():
        raise ProjectionError(
            "The last hidden layer gives the same numbers for every test image, so there is no map. Open Health: its units may be dead."
        )
    return found


def cost(plan: Plan, images: int) -> int:
    """The multiply-accumulates, about, that `principal_outputs` takes for so many images."""
    outputs = hidden_layer(plan).outputs
    least = min(images, outputs)
    return plan.multiply_accumulates * images + images * outputs * least + least**3


def principal_or_why(plan: Plan, weights: Array, images: Pixels) -> Principal | str:
    """`principal_outputs`, or the sentence that says why there are none."""
    try:
        return principal_outputs(plan, weights, images)
    except ProjectionError as error:
        return str(error)


def principal(outputs: Array, components: int = 2) -> Principal:
    """The first principal components (Pearson, 1901) of outputs (images, numbers).

    Where there are fewer numbers than components, the rest are 0. Raises ProjectionError where
    outputs are not all finite.
    """
    if not np.isfinite(outputs).all():
        raise ProjectionError(
            "The training diverged, so the outputs of the last hidden layer are not finite. Choose an"
            " earlier epoch, or train again with a smaller learning rate."
        )
    places = np.zeros((len(outputs), components))
    shares = np.zeros(components)
    found = outputs.astype(np.float64)
    if (found != found[0]).any():
        from sklearn.decomposition import PCA  # a second to import: only where it is used

        kept = min(components, *found.shape)
        analysis = PCA(kept, random_state=1)
        places[:, :kept] = analysis.fit_transform(found)
        shares[:kept] = analysis.explained_variance_ratio_
    return Principal(places.astype(np.float32), shares)


def begin(plan: Plan, weights: Array, images: Pixels) -> Embedding:
    """t-SNE (van der Maaten and Hinton, 2008) of the last hidden layer's outputs, before it moves.

    It begins with the first two principal components, made small (Kobak and Berens, 2019). Raises
    ProjectionError as `principal_outputs`, and where there are too few images.
    """
    if len(images) < FEWEST:
        raise ProjectionError(
            f"t-SNE needs at least {FEWEST} test images; there are {len(images)}. Choose more images on the Data page."
        )
    from openTSNE.affinity import PerplexityBasedNN  # seconds to import: only where it is used

    found = principal_outputs(plan, weights, images, MOST_COMPONENTS)
    perplexity = min(PERPLEXITY, (len(images) - 1) / 3)
    near = PerplexityBasedNN(found.places, perplexity=perplexity, n_jobs=1, random_state=1)
    start = found.places[:, :2].astype(np.float64)
    return Embedding(start * (1e-4 / start[:, 0].std()), 0, near.P)


def move(before: Embedding) -> Embedding:
    """The embedding a portion of iterations on."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities
    from openTSNE.tsne import gradient_descent

    optimizer = gradient_descent()
    optimizer.gains, optimizer.update = before.gains, before.update
    embedding = TSNEEmbedding(
        before.places.copy(),
        PrecomputedAffinities(before.affinities.copy(), normalize=False),
        optimizer=optimizer,
        n_jobs=1,
        random_state=1,
    )
    early = before.iteration < EXAGGERATED
    embedding.optimize(
        PORTION, exaggeration=EXAGGERATION if early else 1, momentum=MOMENTUM, inplace=True
    )
    state = optimizer.gains, optimizer.update
    return Embedding(np.asarray(embedding), before.iteration + PORTION, before.affinities, *state)
