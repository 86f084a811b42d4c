"""A hub on the loopback that has everything in the catalogue, and an empty library to fill."""

import io
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharpdepth_blender.library import WEIGHTS, Hub, Release
from tests.library.loopback import Host, safetensors

TINY = Path(__file__).resolve().parents[1] / "golden" / "tiny_sharpdepth"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A library and a hub cache that are empty, for this process and those it starts."""
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path / "library"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    return SimpleNamespace(library=tmp_path / "library", cache=tmp_path / "hf" / "hub")


@pytest.fixture
def hub(places, monkeypatch):
    """A loopback server with small files under the names of everything in the catalogue."""
    with Host() as host:
        for weights in WEIGHTS.values():
            if isinstance(weights.source, Hub):
                host.publish(weights.source.repository, small_files(weights))
            if isinstance(weights.source, Release):
                where = f"/{weights.source.repository}/releases/download/{weights.source.revision}"
                for part, data in zip(weights.source.parts, packed(TINY), strict=True):
                    host.files[f"{where}/{part}"] = data
        monkeypatch.setenv("HF_ENDPOINT", host.url)
        monkeypatch.setenv("SHARPDEPTH_RELEASES", host.url)
        yield host


def small_files(weights):
    """Contents for the files of weights, by name."""
    return {
        name: safetensors(1, 3_000_000) if name.endswith(".safetensors") else b'{"a": 1}'
        for name in weights.published
    }


def packed(folder):
    """A folder as the three parts of a .tar.gz."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        archive.add(folder, "sharpdepth")
    data = whole.getvalue()
    third = len(data) // 3 + 1
    return [data[:third], data[third : 2 * third], data[2 * third :]]
