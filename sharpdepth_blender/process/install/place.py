"""Which folders an environment may go into, and what happens in them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import InstallError
from .record import FILE, read_record

LOG = "install.log"
_LOCK = "install.lock"


def check_place(folder: Path, extension: Path) -> None:
    """Refuse a folder that belongs to somebody else, or that an update would wipe.

    Args:
        folder: Where the environment is to go.
        extension: The folder this extension, or its repository, lies in.

    Raises:
        InstallError: With the reason.
    """
    for parent in (folder, *folder.parents):
        if all((parent / name).is_dir() for name in ("python", "scripts", "datafiles")):
            raise InstallError(f"{folder} lies inside Blender, whose own files stay untouched.")
        if parent.name in ("site-packages", "dist-packages"):
            raise InstallError(f"{folder} lies among another Python's packages.")
    # A developer's checkout has tests, and nobody updates it by wiping it.
    if folder.is_relative_to(extension) and not (extension / "tests").is_dir():
        raise InstallError(f"{folder} lies inside the extension, which an update replaces.")
    if folder.exists() and not folder.is_dir():
        raise InstallError(f"{folder} is a file.")
    others = folder.is_dir() and {path.name for path in folder.iterdir()} - {_LOCK}
    if others and read_record(folder) is None:
        raise InstallError(
            f"{folder} holds something that this installer has not made; name an empty folder."
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second installer out of the folder; the system lets go of it however this one ends.

    Raises:
        InstallError: Another one is at work there.
    """
    with (folder / _LOCK).open("a") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InstallError(f"Another installation is at work in {folder}.") from error
        yield


def clear(folder: Path) -> None:
    """Remove everything from an environment's folder but its record and its log.

    Raises:
        InstallError: Something cannot be removed.
    """
    for path in folder.iterdir():
        if path.name in (FILE, LOG, _LOCK):
            continue
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            raise InstallError(
                f"{error.filename} cannot be removed ({error.strerror}): is Blender closed?"
            ) from error


def remove(folder: Path) -> None:
    """Remove an environment; the record goes last, so that a cut removal can be done again.

    Raises:
        InstallError: The folder is not ours, or something cannot be removed.
    """
    if read_record(folder) is None:
        raise InstallError(f"{folder} was not made by this installer, and stays as it is.")
    clear(folder)
    for name in (LOG, _LOCK, FILE):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(
        os.lstat(os.path.join(parent, file)).st_size
        for parent, _, files in os.walk(folder)
        for file in files
    )
