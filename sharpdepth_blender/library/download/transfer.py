"""Bytes on their way: resumed where they were cut, counted, and compared with their hash.

`huggingface_hub.hf_hub_download` deletes what has arrived when it is cancelled or killed, and tells
its progress every 10 MB. So files are streamed here, through that library's session.
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from httpx2 import ConnectError, RemoteProtocolError, TimeoutException
from huggingface_hub import constants, hf_raise_for_status
from huggingface_hub.utils import http_stream_backoff

from ..contents import Report, sha256
from ..errors import LibraryError
from ..library import size_of
from .sources import File

constants.HF_HUB_DISABLE_TELEMETRY = True  # nothing is asked for but the weights
_SPARE = 100 << 20  # bytes that are to be left on the disk
_RETRIES = 5  # in a row, without a byte
_CUTS = (ConnectError, RemoteProtocolError, TimeoutException)


def download_files(
    files: Sequence[File], folder: Path, report: Report, copies: int = 1
) -> list[Path]:
    """Download files one after another, or finish what was cut short.

    Args:
        files: Which.
        folder: Holds what is done, and what is half done for the next time.
        report: Told the bytes done; may raise to cancel.
        copies: How often all of it will be on the disk at once.

    Returns:
        A path for each file, whole and compared with its hash.

    Raises:
        LibraryError: `disk_full` before the first byte, `wrong_hash`, `connection`.
        HTTPError: And what else `errors.naming_network_faults` names.
    """
    sizes = [file.size for file in files]
    total = None if None in sizes else sum(sizes)
    _check_space(folder, copies * (total or 0))
    done, paths = 0, []
    for file in files:

        def tell(count, before=done, message=f"Downloading {file.name}"):
            report(before + count, total, message)

        # Another content, another name, so that none is continued.
        key = hashlib.sha256(f"{file.name} {file.etag} {file.size}".encode()).hexdigest()[:20]
        path = folder / key
        if not path.is_file():
            _download(file, path.with_suffix(".part"), tell)
            path.with_suffix(".part").rename(path)
        done += path.stat().st_size
        paths.append(path)
    return paths


def _check_space(folder: Path, size: int) -> None:
    """Refuse to begin what does not fit, beside what has arrived."""
    needed = size - size_of(folder) + _SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LibraryError(
            "disk_full",
            f"{needed / 1e9:.1f} GB are needed in {folder.parent.parent}, and "
            f"{free / 1e9:.1f} GB are free: make room, or choose another folder.",
        )


def _download(file: File, part: Path, tell: Callable[[int], None]) -> None:
    with part.open("ab") as target:
        tell(target.tell())
        retries = 0
        while file.size is None or target.tell() < file.size:
            before = target.tell()
            try:
                _stream(file, target, tell)
                break
            except _CUTS:
                retries = retries + 1 if target.tell() == before else 0
                if retries > _RETRIES:
                    raise
                time.sleep(1)
    if part.stat().st_size < (file.size or 0):
        raise LibraryError("connection", f"{file.name} arrived shorter than announced; try again.")
    if not _matches(part, file):
        part.unlink()
        raise LibraryError(
            "wrong_hash",
            f"{file.name} arrived with another hash than its source publishes, and was "
            "deleted. Try again; if it happens again, the source or a proxy changes it.",
        )


def _stream(file: File, target: BinaryIO, tell: Callable[[int], None]) -> None:
    """Append to a file what it lacks."""
    headers = {**file.headers, "Accept-Encoding": "identity"}
    if target.tell():
        headers["Range"] = f"bytes={target.tell()}-"
    with http_stream_backoff(
        "GET",
        file.url,
        headers=headers,
        timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
        retry_on_exceptions=(),  # a cut in the middle is not its to mend
        retry_on_status_codes=(408, 429),
    ) as response:
        hf_raise_for_status(response)
        if response.status_code != 206:  # all of it, whatever was asked for
            target.seek(0)
            target.truncate()
        for chunk in response.iter_bytes():  # as they come, so that a slow line shows
            target.write(chunk)
            tell(target.tell())


def _matches(path: Path, file: File) -> bool:
    """Whether a file has its size, and its hash where the source tells one."""
    if file.size not in (None, path.stat().st_size):
        return False
    if len(file.etag) == 64:
        return sha256(path) == file.etag.lower()
    if len(file.etag) == 40:
        data = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == file.etag.lower()
    return True
