"""Conversion of weights that are published as a pickle, which the library never keeps."""

from pathlib import Path

from .catalogue import Weights
from .contents import Convert, Report, sha256
from .errors import LibraryError


def convert_pickle(
    weights: Weights, path: Path, folder: Path, report: Report, convert: Convert | None
) -> list[str]:
    """Make the files of weights of a published pickle.

    Args:
        weights: The weights to make.
        path: The pickle, left where it is.
        folder: Where the files go.
        report: Called with progress; may raise to cancel.
        convert: What reads it, without running what is in it.

    Returns:
        A sentence that records the pickle by its hash.

    Raises:
        LibraryError: `refused`, if there is nothing that can read it safely. What `convert` raises.
    """
    if convert is None:
        raise LibraryError(
            "refused", f"{weights.pickle} is a pickle, and there is nothing that reads it safely."
        )
    size = path.stat().st_size
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report(done, size, f"Verifying {weights.pickle}")

    digest = sha256(path, advance)
    report(size, size, f"Converting {weights.pickle}")
    convert(path, folder)
    return [f"Converted from {weights.pickle}, SHA-256 {digest}, which was not kept."]
