"""Package installation: the locked packages, then the PyTorch build for this machine."""

from collections.abc import Sequence
from pathlib import Path

from .console import WRONG_HASH, CommandError, Console
from .inspection import pins
from .packager import Packager

# Every package but PyTorch and what comes with its builds, each with the hashes of its files.
LOCK = Path(__file__).with_name("requirements.lock")


def fill(console: Console, packager: Packager, places: Sequence[str], backend: str | None) -> None:
    """Install everything, from wheel locations if available, else from the package index.

    Args:
        console: For output.
        packager: Installs the packages.
        places: Folders or pages with wheels.
        backend: uv's name of a PyTorch build; None for the default of the index.

    Raises:
        CommandError: The installation failed.
    """
    look = [word for place in places for word in ("--find-links", place)]
    _install(console, packager, look, ["--require-hashes", "--no-deps", "-r", LOCK], "the packages")
    torch = f"torch=={pins()['torch']}"
    if _install(console, packager, look, ["--no-deps", torch], "PyTorch", only_here=True):
        backend = None
    elif not packager.chooses_build:
        console.say(
            "Without uv, the PyTorch build cannot be selected: installing the package index's "
            "default for this system, which may be large"
        )
    else:
        console.say(f"PyTorch build: {backend or 'default of the package index'}")
    # Even if PyTorch is installed: builds for graphics cards include libraries of their own.
    packager.install([*look, torch], backend=backend, quiet=False)


def _install(console, packager, look, wanted, what, only_here=False) -> bool:
    """Install from wheel locations if they have everything, else from the index.

    Args:
        console: As for `fill`.
        packager: As for `fill`.
        look: Options for the wheel locations.
        wanted: Options for the packages.
        what: Description of the packages.
        only_here: Skip the index.

    Returns:
        Whether the wheel locations had everything.
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
