"""Files of the Hugging Face hub, asked for by its own library.

That library knows the mirror (`HF_ENDPOINT`), the offline switch (`HF_HUB_OFFLINE`), the token,
proxies and certificates. It reads its variables when it is imported.
"""

from huggingface_hub import get_hf_file_metadata, hf_hub_url
from huggingface_hub.utils import build_hf_headers

from ..catalogue import Hub
from .transfer import File


def list_files(source: Hub, names: tuple[str, ...], pinned: str | None) -> tuple[list[File], str]:
    """Where files are, how large, and what they must hash to.

    Args:
        source: Repository and revision.
        names: Of the files, paths with `/`.
        pinned: Commit that an earlier download of a branch found.

    Returns:
        The files, and the commit that they are of.
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
