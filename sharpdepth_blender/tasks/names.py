"""Names: lookup of weights and presets by name."""

from difflib import get_close_matches

from ..library import PRESETS, WEIGHTS, LibraryError, Weights


def find_parts(name: str, estimator: str | None = None) -> list[Weights]:
    """Return the weights of a preset, or the weights with this name.

    Args:
        name: Of either.
        estimator: Name of another metric estimator than the preset's own; None for that.

    Raises:
        LibraryError: `unknown_weights`, with similar names.
    """
    if name in PRESETS:
        preset = PRESETS[name]
        return preset.weights_with(estimator or preset.estimator)
    return [find_weights(name)]


def find_weights(name: str) -> Weights:
    """Return the weights with this name.

    Raises:
        LibraryError: `unknown_weights`, with similar names, or with the weights of a preset.
    """
    if name in WEIGHTS:
        return WEIGHTS[name]
    if name in PRESETS:
        parts = " and ".join(weights.name for weights in PRESETS[name].weights)
        raise LibraryError("unknown_weights", f"{name} is a preset; its weights are {parts}.")
    # A preset and weights may share a name.
    near = get_close_matches(name.lower(), list(PRESETS | WEIGHTS), cutoff=0.5)
    meant = f"did you mean {', '.join(near)}? " if near else ""
    raise LibraryError(
        "unknown_weights",
        f"Unknown name {name}: {meant}`sharpdepth models` lists all names.",
    )
