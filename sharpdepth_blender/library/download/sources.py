"""Where the files of weights are published, how large they are, and what they must hash to.

huggingface_hub asks, GitHub as well: it knows the mirror (`HF_ENDPOINT`), the offline switch
(`HF_HUB_OFFLINE`), the token, proxies and certificates. It reads its variables when it is imported.
"""

import os
from dataclasses import dataclass, field

from huggingface_hub import get_hf_file_metadata, get_session, hf_hub_url, hf_raise_for_status
from huggingface_hub.utils import build_hf_headers

from ..catalogue import Hub, Release

VARIABLE = "SHARPDEPTH_RELEASES"  # names a mirror of the releases
_GITHUB = "https://github.com"


@dataclass(frozen=True)
class File:
    """One file to be downloaded.

    Attributes:
        name: Path with `/`.
        url: Where it is.
        size: Bytes, None where the source does not say.
        etag: What its source calls this very content: on the hub its SHA-256, or for small files
            the SHA-1 that git gives it; elsewhere any word, which changes with the content.
        headers: To be sent along.
    """

    name: str
    url: str
    size: int | None
    etag: str
    headers: dict = field(default_factory=dict)


def hub_files(source: Hub, names: tuple[str, ...], pinned: str | None) -> tuple[list[File], str]:
    """Ask the Hugging Face hub.

    Args:
        source: Repository and revision.
        names: Of the files, paths with `/`.
        pinned: Commit that an earlier download of a branch found.

    Returns:
        The files, and the commit that they are of.

    Raises:
        HTTPError: And what else `errors.naming_network_faults` names.
    """
    is_commit = len(source.revision) == 40
    files, revision = [], source.revision if is_commit else pinned or source.revision
    headers = build_hf_headers(library_name="sharpdepth-blender")

    def address(name):
        return hf_hub_url(source.repository, name, revision=revision)

    for name in names:
        found = get_hf_file_metadata(address(name), retry_on_errors=True)
        # All files are of the commit that the first one was found in, however the branch moves.
        revision = found.commit_hash or revision
        files.append(File(name, address(name), found.size, found.etag or "", headers))
    return files, revision


def release_files(source: Release) -> tuple[list[File], str]:
    """Ask GitHub, which publishes no hash with a download: the first one is recorded and held to.

    Returns:
        The parts, and the tag that they are of.

    Raises:
        HTTPError: And what else `errors.naming_network_faults` names.
    """
    host = os.environ.get(VARIABLE) or _GITHUB
    files = []
    for part in source.parts:
        url = f"{host}/{source.repository}/releases/download/{source.revision}/{part}"
        response = get_session().head(url, timeout=30)
        hf_raise_for_status(response)
        size = response.headers.get("Content-Length")
        etag = response.headers.get("ETag", "").strip('"')
        files.append(File(part, url, int(size) if size else None, etag))
    return files, source.revision
