import pytest
from safetensors.numpy import save_file

from sharpdepth_blender.engine.dinov2 import VISION_TRANSFORMERS
from sharpdepth_blender.engine.dpt import Sizes
from sharpdepth_blender.engine.video_depth import checkpoint, load_video_depth
from tests.engine.named_weights import named_weights


@pytest.fixture(scope="session")
def case():
    """The golden case: description, tensors by key, numbers."""
    return named_weights("video_depth_tiny")


@pytest.fixture(scope="session")
def folder(case, tmp_path_factory):
    """Its network as a folder of weights; no test may change it."""
    config = case[0]["config"]
    sizes = Sizes(
        VISION_TRANSFORMERS["dinov2_vits14"], (2, 5, 8, 11), config["out_channels"],
        config["features"],
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("video")
    save_file(case[1], folder / "model.safetensors")
    (folder / "config.json").write_text('{"encoder": "tiny"}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checkpoint.MODELS, "tiny", sizes)
        yield folder


@pytest.fixture(scope="session")
def network(folder, case):
    network = load_video_depth(folder)
    network.side = case[0]["side"]
    return network
