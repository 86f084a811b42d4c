"""Nothing is downloaded before its user has seen what it is and has said yes."""

import sys
from collections.abc import Sequence

from ...library import Shelf, Weights
from ..amounts import format_bytes
from ..errors import Declined
from .layout import commercial_use, indented


def ask(parts: Sequence[Weights], shelf: Shelf, name: str, yes: bool) -> None:
    """Show on stderr what would be downloaded, and ask.

    Args:
        parts: What would be.
        shelf: Where to.
        name: What the user called it.
        yes: The user has said yes beforehand.

    Raises:
        Declined: The answer is another, or nobody is there to give it.
    """
    total = format_bytes(sum(weights.size for weights in parts))
    _say(f"To be downloaded to {shelf.folder}:")
    for weights in parts:
        _say(f"  {weights.name}, about {format_bytes(weights.size)}")
        _say(indented(f"from {weights.source}"))
        _say(indented(f"licence {weights.licence}, {commercial_use(weights.commercial)}"))
    if yes:
        return
    if not sys.stdin.isatty():
        raise Declined(
            "Nothing was downloaded, because there is no terminal to ask at: "
            f"`sharpdepth models get {name} --yes` agrees to what is shown.",
        )
    _say(f"Download about {total}? [y/N] ", end="")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined("Nothing was downloaded.")


def _say(words: str, end: str = "\n") -> None:
    print(words, file=sys.stderr, end=end, flush=True)
