"""Getting one set of weights, from wherever it is published."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..archive import unpack
from ..catalogue import Hub, Weights
from ..contents import Convert, Report
from ..converting import convert_pickle
from ..errors import LibraryError, as_library_error
from ..library import InstalledWeights, Library
from ..pins import read_pin
from .errors import naming_network_faults
from .sources import hub_files, release_files
from .transfer import download_files

_TICK = 0.2  # seconds after which a cancel is noticed while another download goes on


def get(
    weights: Weights, library: Library, report: Report, convert: Convert | None = None
) -> InstalledWeights:
    """Download weights into the library, or finish what was cut short.

    Files come together in a staging folder, are compared with the hashes that their source
    publishes, and go to their place all at once. Where another process is downloading the same,
    this one waits and finds them.

    Args:
        weights: Which.
        library: Where they go. What it, the add-on or the hub's cache has is not downloaded.
        report: Told the bytes done, those there are and a sentence; may raise to cancel.
        convert: What reads the pickle of weights that are published as one.

    Raises:
        LibraryError: `offline`, `not_found`, `connection`, `wrong_hash`, `disk_full`,
            `not_writable`, `damaged` or `refused`.
    """
    if installed := library.installed(weights):
        return installed
    staging = library.download_folder(weights)
    with as_library_error(staging):
        staging.mkdir(parents=True, exist_ok=True)
        with _alone(staging, weights, report):
            return library.installed(weights) or _download(weights, library, report, convert)


def _download(
    weights: Weights, library: Library, report: Report, convert: Convert | None
) -> InstalledWeights:
    staging = library.download_folder(weights)
    source = weights.source
    report(0, None, "Asking for the sizes of the files")
    from_hub = isinstance(source, Hub)
    with naming_network_faults(source):
        if from_hub:
            pin = read_pin(library.folder, weights.name)
            files, revision = hub_files(source, weights.published, pin and pin.revision)
        else:
            files, revision = release_files(source)
        # An archive or a pickle lies beside what is made of it.
        as_is = from_hub and not weights.pickle
        paths = download_files(files, staging, report, copies=1 if as_is else 2)
    with library.staging_folder(weights) as folder:
        notes = []
        if weights.pickle:
            notes = convert_pickle(weights, paths[0], folder, report, convert)
        elif not from_hub:
            notes = unpack(paths, folder, report)
        arrived = zip(paths, files, strict=True) if as_is else ()
        with _moved({path: folder / file.name for path, file in arrived}):
            library.commit(weights, folder, str(source), revision, notes, report)
    shutil.rmtree(staging, ignore_errors=True)
    return library.installed(weights)


@contextmanager
def _moved(moves: dict[Path, Path]) -> Iterator[None]:
    """Move files, and back again when the block is cancelled: they need not come anew."""
    for path, target in moves.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    try:
        yield
    except LibraryError:  # they are not what they should be
        raise
    except BaseException:
        for path, target in moves.items():
            target.rename(path)
        raise


@contextmanager
def _alone(staging: Path, weights: Weights, report: Report) -> Iterator[None]:
    """Wait until nobody else downloads the same; the system lets go of a dead process's lock."""
    lock = FileLock(staging.with_name(f"{weights.name}.lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_TICK)
        except Timeout:
            report(0, None, f"Waiting for another download of {weights.name}")
    try:
        yield
    finally:
        lock.release()
