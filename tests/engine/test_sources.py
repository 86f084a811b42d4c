"""The same model from every place that weights come from, held to the same golden numbers."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.library import WEIGHTS, Library
from tests.library.loopback import Host

PAPER, LOTUS = WEIGHTS["sharpdepth-v1.0"], WEIGHTS["lotus-depth-g"]


@pytest.fixture
def library(monkeypatch, tmp_path):
    """An empty library and an empty cache of the hub, in place of the user's."""
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return tmp_path


def from_a_folder(tiny_folder, library):
    return tiny_folder


def from_a_release_in_three_parts(tiny_folder, library):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(tiny_folder, "sharpdepth")
    data = packed.getvalue()
    third = len(data) // 3 + 1
    for number, part in enumerate(PAPER.source.parts):
        (library / part).write_bytes(data[number * third : (number + 1) * third])
    Library().add(PAPER, library, lambda *now: None)
    return "sharpdepth"


def from_the_hubs_cache(tiny_folder, library):
    """Laid out by huggingface_hub itself; `sharpen` is asked of the folder, as Lotus is no G."""
    from huggingface_hub import hf_hub_download

    with Host(commit=LOTUS.source.revision) as host:
        files = {name: (tiny_folder / name).read_bytes() for name in LOTUS.files}
        host.publish(LOTUS.source.repository, files)
        for name in LOTUS.files:
            hf_hub_download(
                LOTUS.source.repository,
                name,
                revision=LOTUS.source.revision,
                cache_dir=library / "hf" / "hub",
                endpoint=host.url,
            )
    stock = Library().installed(LOTUS)
    assert stock.where == "hub cache"
    Library().verify(LOTUS, lambda *now: None)
    return stock.folder


@pytest.mark.parametrize(
    "source", [from_a_folder, from_a_release_in_three_parts, from_the_hubs_cache]
)
def test_the_golden_numbers_from_every_source(source, tiny_folder, library, golden):
    engine = SharpDepth.load(source(tiny_folder, library), device="cpu")
    case = golden("A")
    steps = engine._pipeline(
        case["image_u8"],
        lambda picture: torch.from_numpy(case["unidepth_depth"]),
        160,
        noise=(case["noise1"], case["noise2"]),
        intermediates=True,
        fit="global",
    ).intermediates
    for name in ("empty_text_embed", "lotus_pred", "pred_latent", "depth_np"):
        scale = np.abs(case[name]).max()
        np.testing.assert_allclose(steps[name], case[name], atol=1e-4 * scale, err_msg=name)


def test_whatever_class_the_index_names(tiny_folder, library):
    """The paper's folder says LotusGPipeline, which no library has."""
    import shutil

    folder = Path(shutil.copytree(tiny_folder, library / "copy"))
    index = folder / "model_index.json"
    index.write_text(index.read_text().replace("SharpDepthPipeline", "LotusGPipeline"))
    assert SharpDepth.load(folder, device="cpu").processing_resolution == 768
