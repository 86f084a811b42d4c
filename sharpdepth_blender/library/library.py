"""The library folder on this computer."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .archive import unpack
from .catalogue import Bundled, Hub, Weights
from .contents import Convert, Report, check_file, is_pickle, sha256
from .converting import convert_pickle
from .copying import copy_files
from .errors import LibraryError, as_library_error
from .pins import Pin, read_pin, write_pin
from .place import default_folder, find_snapshot, hub_cache
from .record import FILE, Record, read_record

_STAGING = ".partial"  # subfolder for incomplete weights


@dataclass(frozen=True)
class InstalledWeights:
    """Weights installed on this computer.

    Attributes:
        folder: Folder to load them from.
        where: `bundled`, `library`, or `hub cache`, which is shared with other programs.
        size: Bytes.
        notes: Sentences about files skipped on installation.
    """

    folder: Path
    where: str
    size: int
    notes: tuple[str, ...] = ()


class Library:
    """A folder per set of weights, plus bundled weights and the hub cache.

    Never uses the network.

    Args:
        folder: Library folder; None for the default.
    """

    def __init__(self, folder: str | os.PathLike | None = None):
        self.folder = Path(os.path.abspath(folder)) if folder else default_folder()

    def place(self, weights: Weights) -> Path:
        """Return the folder of these weights in the library, whether or not it exists."""
        return self.folder / weights.name

    def download_folder(self, weights: Weights) -> Path:
        """Return the download folder of these weights, kept if a download is interrupted."""
        return self.folder / _STAGING / weights.name

    def installed(self, weights: Weights) -> InstalledWeights | None:
        """Find these weights; None if they are missing or incomplete."""
        if isinstance(weights.source, Bundled):
            folder = weights.source.folder
            return (
                InstalledWeights(folder, "bundled", size_of(folder))
                if _has_all(folder, weights)
                else None
            )
        folder = self.place(weights)
        if (record := read_record(folder)) and _has_all(folder, weights):
            return InstalledWeights(folder, "library", record.size, tuple(record.notes))
        if isinstance(weights.source, Hub):
            snapshot = find_snapshot(hub_cache(), weights.source, weights.files)
            if snapshot:
                size = sum((snapshot / file).stat().st_size for file in weights.files)
                return InstalledWeights(snapshot, "hub cache", size)
        return None

    def find(self, weights: Weights) -> Path:
        """Return the folder to load these weights from.

        Raises:
            LibraryError: `weights_missing`, with a hint how to download them.
        """
        if installed := self.installed(weights):
            return installed.folder
        raise LibraryError(
            "weights_missing",
            f"The weights {weights.name} are not installed: `sharpdepth models get {weights.name}` "
            f"downloads about {weights.size / 1e9:.1f} GB (license {weights.license}).",
        )

    def remove(self, weights: Weights) -> int:
        """Remove these weights, including partial downloads, but not files of other programs.

        Returns:
            Bytes freed.

        Raises:
            LibraryError: `weights_missing` if there are none to remove, `refused` if they do not
                belong to the library, `not_writable`.
        """
        places = self.place(weights), self.download_folder(weights)
        folders = [folder for folder in places if folder.is_dir()]
        if not folders:
            if installed := self.installed(weights):
                whose = (
                    "come with the add-on"
                    if installed.where == "bundled"
                    else ("are in the hub's cache, which is shared with other programs")
                )
                raise LibraryError(
                    "refused",
                    f"The weights {weights.name} {whose}, and were kept in {installed.folder}.",
                )
            raise LibraryError("weights_missing", f"The weights {weights.name} are not installed.")
        freed = sum(map(size_of, folders))
        for folder in folders:
            # The record goes first, so that an interrupted removal does not look complete.
            with as_library_error(folder):
                (folder / FILE).unlink(missing_ok=True)
                shutil.rmtree(folder)
        return freed

    def verify(self, weights: Weights, report: Report) -> InstalledWeights:
        """Read every byte of these weights and compare with the recorded hashes.

        Args:
            weights: Bundled weights and those in the hub cache are checked as far as possible.
            report: Called with the bytes done; may raise to cancel.

        Raises:
            LibraryError: `weights_missing`, or `damaged`, with the file name.
        """
        record = read_record(self.place(weights))
        if record and (lost := [file for file in record.files if not self._holds(weights, file)]):
            raise _damaged(weights, lost[0], "is missing")
        self.find(weights)
        installed = self.installed(weights)
        record = record if installed.where == "library" else None
        names = list(record.files) if record else list(weights.files)
        done = 0
        for name in names:
            path = installed.folder / name
            known = _published_sha256(path) if record is None else record.files[name]["sha256"]

            def advance(count, name=name):
                nonlocal done
                done += count
                report(done, installed.size, f"Verifying {name}")

            if known and sha256(path, advance) != known:
                raise _damaged(weights, name, "differs from the download")
            check_file(path)
        return installed

    def add(
        self,
        weights: Weights,
        given: str | os.PathLike,
        report: Report,
        convert: Convert | None = None,
    ) -> InstalledWeights:
        """Copy weights from a folder on disk into the library.

        Args:
            weights: The weights to add.
            given: Folder with the files of these weights, or with those that are published; or the
                published file itself: a pickle under any name, or a release in one piece.
            report: Called with the bytes done; may raise to cancel.
            convert: What reads the pickle of weights that are published as one.

        Raises:
            LibraryError: `weights_missing` if files are missing in the folder, `refused` for
                pickles and for bundled weights, `damaged`, `disk_full`, `not_writable`.
        """
        given = Path(os.path.abspath(Path(given).expanduser()))
        if not given.exists():
            raise LibraryError("weights_missing", f"Folder not found: {given}.")
        if isinstance(weights.source, Bundled):
            raise LibraryError("refused", f"The weights {weights.name} are included in the add-on.")
        parts, pickle = _published(weights, given)
        given = given if given.is_dir() else given.parent
        with self.staging_folder(weights) as folder:
            notes = []
            if parts:
                notes = unpack(parts, folder, report)
            elif pickle:
                notes = convert_pickle(weights, pickle, folder, report, convert)
            else:
                copy_files(weights, given, folder, report)
            self.commit(weights, folder, str(given), "", notes, report)
        return self.installed(weights)

    @contextmanager
    def staging_folder(self, weights: Weights) -> Iterator[Path]:
        """Yield an empty folder for new weights, removed afterwards unless `commit` moved it."""
        folder = self.download_folder(weights).with_name(f"{weights.name}.new")
        with as_library_error(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def commit(
        self,
        weights: Weights,
        folder: Path,
        source: str,
        revision: str,
        notes: list[str],
        report: Report,
    ) -> None:
        """Check a complete staging folder, record it and move it into place atomically.

        Args:
            weights: The weights in the folder.
            folder: Folder from `staging_folder`.
            source: Source of the files.
            revision: Downloaded commit or tag; empty for local files.
            notes: Sentences about skipped files.
            report: Called with progress of the check; may raise to cancel.

        Raises:
            LibraryError: `weights_missing`, `damaged`, or `wrong_hash` if the same revision had
                other content at its first download.
        """
        if missing := [file for file in weights.files if not (folder / file).is_file()]:
            raise LibraryError(
                "weights_missing", f"{source} lacks {missing[0]}, which {weights.name} requires."
            )
        files, total = {}, size_of(folder)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            check_file(path)
            name = path.relative_to(folder).as_posix()

            def advance(count, name=name):
                report(total, total, f"Checking {name}")  # complete, but can still be canceled

            files[name] = {"bytes": path.stat().st_size, "sha256": sha256(path, advance)}
        if revision:
            self._hold_to_pin(
                weights, revision, {name: each["sha256"] for name, each in files.items()}
            )
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        Record(weights.name, source, revision, now, files, notes).write(folder)
        target = self.place(weights)
        with as_library_error(target):
            if target.exists():
                shutil.rmtree(target)
            os.replace(folder, target)

    def partial(self, weights: Weights) -> int:
        """Return the bytes of an interrupted download of these weights."""
        return size_of(self.download_folder(weights))

    def _holds(self, weights: Weights, file: str) -> bool:
        return (self.place(weights) / file).is_file()

    def _hold_to_pin(self, weights: Weights, revision: str, files: dict[str, str]) -> None:
        pin = read_pin(self.folder, weights.name)
        if pin is None or pin.revision != revision:
            with as_library_error(self.folder):
                write_pin(self.folder, weights.name, Pin(revision, files))
        elif pin.files != files:
            raise LibraryError(
                "wrong_hash",
                f"The content of {weights.source} at {revision} has changed since the first "
                f"download. If this is expected, remove {self.folder / '.pins'} and try again.",
            )


def _damaged(weights: Weights, name: str, what: str) -> LibraryError:
    return LibraryError(
        "damaged",
        f"{name} of the weights {weights.name} {what}: remove them and download them again.",
    )


def _published(weights: Weights, given: Path) -> tuple[list[Path], Path | None]:
    """What is published of these weights, if that was given: parts of an archive, or a pickle.

    People rename what they download, as many models come as `model.pt`, and join the parts of an
    archive; a folder with several pickles may belong to somebody else.
    """
    there = [given] if given.is_file() else sorted(each for each in given.glob("*"))
    names = {each.name: each for each in there}
    if parts := getattr(weights.source, "parts", ()):
        if names.keys() >= set(parts):
            return [names[part] for part in parts], None
        whole = [each for each in there if each.name.endswith((".tar.gz", ".tgz"))]
        return whole if len(whole) == 1 else [], None
    if weights.pickle is None:
        return [], None
    pickles = [each for each in there if is_pickle(each.name) and each.is_file()]
    only = pickles[0] if len(pickles) == 1 else None
    if weights.pickle in names:
        return [], names[weights.pickle]
    return [], None if given.is_dir() and _has_all(given, weights) else only


def _has_all(folder: Path, weights: Weights) -> bool:
    return all((folder / file).is_file() for file in weights.files)


def _published_sha256(path: Path) -> str | None:
    """Return the SHA-256 of a large file in the hub cache, from the name of its blob."""
    name = path.resolve().name
    return name if len(name) == 64 and path.is_symlink() else None


def size_of(folder: Path) -> int:
    """Return the total size of a folder in bytes; 0 if it does not exist."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a download may be moving its files
            size += path.stat().st_size if path.is_file() else 0
    return size
