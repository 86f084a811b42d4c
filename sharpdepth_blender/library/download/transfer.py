"""Bytes on their way: resumed where they were cut, counted, and compared with their hash."""

import hashlib
import io
import os
import shutil
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import HTTPError, HTTPStatusError, TimeoutException
from huggingface_hub import constants
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import disable_progress_bars

from ..contents import Report, sha256
from ..errors import LibraryError

# A tenth of the library's own, so that a slow line shows its progress and is cancelled soon.
constants.DOWNLOAD_CHUNK_SIZE = 1 << 20
constants.HF_HUB_DISABLE_TELEMETRY = True  # nothing is asked for but the weights
_SPARE = 100 << 20  # bytes that are to be left on the disk


@dataclass(frozen=True)
class File:
    """One file to be downloaded.

    Attributes:
        name: Path with `/`.
        url: Where it is.
        size: Bytes, None where the source does not say.
        tag: What its source calls this very content: on the hub its SHA-256, or for small files
            the SHA-1 that git gives it; elsewhere any word, which changes with the content.
        headers: To be sent along.
    """

    name: str
    url: str
    size: int | None
    tag: str
    headers: dict


class Transfer:
    """The files of one set of weights, one after another into one folder.

    Args:
        folder: Holds what is done, and what is half done for the next time.
        files: What to download.
        report: Told the bytes done; may raise to cancel.

    Attributes:
        total: Bytes of all files, None where a size is not known.
    """

    def __init__(self, folder: Path, files: Sequence[File], report: Report):
        self._folder = folder
        self._files = files
        self._report = report
        sizes = [file.size for file in files]
        self.total = None if None in sizes else sum(sizes)

    def check_space(self, times: int) -> None:
        """Refuse to begin what does not fit.

        Args:
            times: How often all of it has to be on the disk at once.

        Raises:
            LibraryError: `disk_full`.
        """
        there = sum(path.stat().st_size for path in self._folder.iterdir() if path.is_file())
        needed = (self.total or 0) * times - there + _SPARE
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise LibraryError(
                "disk_full",
                f"{needed / 1e9:.1f} GB are needed in {self._folder.parent.parent}, and "
                f"{free / 1e9:.1f} GB are free: make room, or choose another folder.",
            )

    def run(self) -> list[Path]:
        """Download everything.

        Returns:
            A path for each file, whole and compared with its hash.

        Raises:
            LibraryError: `wrong_hash`, `disk_full`.
            HTTPError: And what else `naming_network_faults` names.
        """
        disable_progress_bars()  # of the library, on stderr; ours is the report
        done, paths = 0, []
        for file in self._files:
            path = self._folder / self._key(file)
            if not path.is_file():
                self._fetch(file, path.with_suffix(".part"), done)
                path.with_suffix(".part").rename(path)
            done += path.stat().st_size
            paths.append(path)
        return paths

    def clean(self) -> None:
        """Remove what is left when all is in its place."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _key(self, file: File) -> str:
        """Name of a file on its way: another content, another name, so that none is continued."""
        return hashlib.sha256(f"{file.name} {file.tag} {file.size}".encode()).hexdigest()[:20]

    def _fetch(self, file: File, part: Path, done: int) -> None:
        message = f"Downloading {file.name}"
        with _Counted(part, lambda at: self._report(done + at, self.total, message)) as target:
            self._report(done + target.tell(), self.total, message)
            http_get(
                file.url,
                target,
                resume_size=target.tell(),
                headers=file.headers,
                expected_size=file.size,
            )
        if not _matches(part, file.tag):
            part.unlink()
            raise LibraryError(
                "wrong_hash",
                f"{file.name} arrived with another hash than its source publishes, and was "
                "deleted. Try again; if it happens again, the source or a proxy changes it.",
            )


class _Counted(io.FileIO):
    """A file, written from its end on, that tells how far it is."""

    def __init__(self, path: Path, tell_all):
        super().__init__(path, "r+" if path.exists() else "x+")
        self.seek(0, os.SEEK_END)
        self._tell_all = tell_all

    def write(self, data):
        view = memoryview(data)
        while view:  # a raw file may take less than it is given
            view = view[super().write(view) :]
        self._tell_all(self.tell())
        return len(data)


def _matches(path: Path, tag: str) -> bool:
    """Whether a file is what its tag says, if the tag is a hash."""
    if len(tag) == 64:
        return sha256(path) == tag.lower()
    if len(tag) == 40:
        data = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == tag.lower()
    return True


@contextmanager
def naming_network_faults(source) -> Iterator[None]:
    """Turn what a network says into a sentence."""
    source = f"{str(source)[0].upper()}{str(source)[1:]}"
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise LibraryError(
            "offline",
            "Downloads are switched off by HF_HUB_OFFLINE: unset it, or add the weights "
            "from a folder with `sharpdepth models add`.",
        ) from error
    except (EntryNotFoundError, HfHubHTTPError, HTTPStatusError) as error:
        code = getattr(getattr(error, "response", None), "status_code", None)
        if code in (401, 403, 404, 410) or isinstance(error, EntryNotFoundError):
            raise LibraryError(
                "not_found", f"{source} does not have it, or not for everybody (HTTP {code})."
            ) from error
        raise LibraryError(
            "connection", f"{source} answers with HTTP {code}; try later."
        ) from error
    except TimeoutException as error:
        raise LibraryError(
            "connection", f"{source} did not answer in time; what has arrived is kept, try again."
        ) from error
    except (HTTPError, ConnectionError, ssl.SSLError) as error:
        what = "cannot be reached"
        if "CERTIFICATE" in str(error).upper():
            what = "cannot be trusted: its certificate, or a proxy's, is unknown to this system"
        raise LibraryError(
            "connection", f"{source} {what}; what has arrived is kept, try again."
        ) from error
    except OSError as error:
        if "Consistency check" not in str(error):
            raise
        raise LibraryError(
            "connection", f"{source} sent less than it announced; try again."
        ) from error
