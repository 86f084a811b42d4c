"""Names: which weights a user means by one."""

from difflib import get_close_matches

from ..library import PRESETS, WEIGHTS, LibraryError, Weights


def find_parts(name: str) -> list[Weights]:
    """The weights of a preset, or those of that name.

    Raises:
        LibraryError: `unknown_weights`, with the names that come near.
    """
    if name in PRESETS:
        return PRESETS[name].weights
    return [find_weights(name)]


def find_weights(name: str) -> Weights:
    """The weights of that name.

    Raises:
        LibraryError: `unknown_weights`, with the names that come near, or those of a preset's
            weights.
    """
    if name in WEIGHTS:
        return WEIGHTS[name]
    if name in PRESETS:
        parts = " and ".join(weights.name for weights in PRESETS[name].weights)
        raise LibraryError("unknown_weights", f"{name} is a preset; its weights are {parts}.")
    # A name may be of both a preset and weights.
    near = get_close_matches(name.lower(), list(PRESETS | WEIGHTS), cutoff=0.5)
    meant = f"did you mean {', '.join(near)}? " if near else ""
    raise LibraryError(
        "unknown_weights",
        f"Nothing has the name {name}: {meant}`sharpdepth models` lists what there is.",
    )
