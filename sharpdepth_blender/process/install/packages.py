"""Filling an environment: the locked packages, then the build of PyTorch that fits the machine."""

from collections.abc import Sequence
from pathlib import Path

from .console import WRONG_HASH, CommandError, Console
from .inspection import pins
from .packager import Packager

# Every package but PyTorch and what comes with its builds, each with the hashes of its files.
LOCK = Path(__file__).with_name("requirements.lock")


def fill(console: Console, packager: Packager, places: Sequence[str], backend: str | None) -> None:
    """Install everything: from the places what they have, the rest from the package index.

    Args:
        console: To tell what is done.
        packager: That does it.
        places: Folders or pages with wheels.
        backend: uv's name of a build of PyTorch; None for the one that the index has.

    Raises:
        CommandError: It failed.
    """
    look = [word for place in places for word in ("--find-links", place)]
    _install(console, packager, look, ["--require-hashes", "--no-deps", "-r", LOCK], "the packages")
    torch = f"torch=={pins()['torch']}"
    if _install(console, packager, look, ["--no-deps", torch], "PyTorch", only_here=True):
        backend = None
    elif not packager.chooses_build:
        console.say(
            "Without uv the build of PyTorch cannot be chosen: it is the one that the package "
            "index has for this system, which may be a large one"
        )
    else:
        console.say(f"Choosing the build of PyTorch: {backend or 'the one of the package index'}")
    # Also when PyTorch is there: a build for a graphics card brings libraries of its own along.
    packager.install([*look, torch], backend=backend, quiet=False)


def _install(console, packager, look, wanted, what, only_here=False) -> bool:
    """Install from the places where they have all of it, else from the index; whether the former.

    Args:
        console: As in `fill`, like what follows.
        packager: Likewise.
        look: Options that name the places.
        wanted: Options that name what is wanted.
        what: The same in words.
        only_here: Leave it when the places do not have it.
    """
    here = bool(look) and _has(packager, [*look, *wanted])
    if here:
        console.say(f"Installing {what} from {', '.join(look[1::2])}")
        packager.install(["--no-index", *look, *wanted], backend=None, quiet=False)
    elif not only_here:
        console.say(f"Installing {what}")
        packager.install([*look, *wanted], backend=None, quiet=False)
    return here


def _has(packager: Packager, options) -> bool:
    try:
        packager.install(["--dry-run", "--no-index", *options], backend=None, quiet=True)
    except CommandError as error:
        if str(error) == WRONG_HASH:
            raise
        return False
    return True
