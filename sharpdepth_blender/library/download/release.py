"""Parts of a release on GitHub."""

import os

from huggingface_hub.utils import get_session, hf_raise_for_status

from ..catalogue import Release
from .transfer import File

VARIABLE = "SHARPDEPTH_RELEASES"  # names a mirror of the releases
_HOST = "https://github.com"


def list_files(source: Release) -> tuple[list[File], str]:
    """Where the parts are and how large.

    GitHub publishes no hash with a download; what was downloaded is recorded and held to.

    Returns:
        The parts, and the tag that they are of.
    """
    host = os.environ.get(VARIABLE) or _HOST
    files = []
    for part in source.parts:
        url = f"{host}/{source.repository}/releases/download/{source.revision}/{part}"
        response = get_session().head(url, follow_redirects=True, timeout=30)
        hf_raise_for_status(response)
        size = response.headers.get("Content-Length")
        tag = response.headers.get("ETag", "").strip('"')
        files.append(File(part, url, int(size) if size else None, tag, {}))
    return files, source.revision
