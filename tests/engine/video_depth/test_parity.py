"""Video Depth Anything equals the published network and the published way through a shot."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.dinov2 import normalize
from sharpdepth_blender.engine.dpt import enlarged
from sharpdepth_blender.engine.released import needed_shapes
from sharpdepth_blender.engine.video_depth.checkpoint import BACKBONE, MODELS
from sharpdepth_blender.engine.video_depth.network import VideoDepthAnything, seen_size
from sharpdepth_blender.geometry.temporal import join_windows, window_frames
from tests.engine.named_weights import released_shapes


def same(ours, published, tolerance=1e-4):
    """Within a share of the largest value."""
    ours, published = np.asarray(ours), np.asarray(published)
    assert ours.shape == published.shape
    assert np.abs(ours - published).max() <= tolerance * np.abs(published).max()


@pytest.fixture(scope="module")
def stages(network, case):
    """Every intermediate of a window, by the name that it has in the golden numbers."""
    found = {}

    def keep(name):
        return lambda module, inputs, output: found.update({f"window/{name}": output.numpy()})

    hooks = [
        module.register_forward_hook(keep(f"motion{number}"))
        for number, module in enumerate(network.head.motion_modules)
    ]
    window = torch.from_numpy(case[2]["window/input"])
    with torch.no_grad():
        found["window/disparity"] = network(window).numpy()
        after = network.pretrained(window)
    for hook in hooks:
        hook.remove()
    for number, block in enumerate(network.taken):
        tokens = network.pretrained.norm(after[block])[:, 1:]
        found[f"window/features{number}_ch8"] = tokens.detach().numpy()[..., ::8]
    return found


NAMES = [
    *(f"features{number}_ch8" for number in range(4)),
    *(f"motion{number}" for number in range(4)),
    "disparity",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_intermediate_is_the_published_one(stages, case, name):
    same(stages[f"window/{name}"], case[2][f"window/{name}"])


def test_a_shot_of_two_windows_is_the_published_one(network, case):
    """35 frames of an odd size, from pictures to joined disparity."""
    frames = torch.from_numpy(case[2]["frames"]).permute(0, 3, 1, 2)
    seen = torch.cat([network.seen(frame[None]) for frame in frames])
    size = frames.shape[2:]
    windows, own = [], []
    for window in window_frames(len(frames)):
        own.append(network.predict(seen[window]))
        windows.append(enlarged(own[-1][:, None], size)[:, 0].numpy())
    shown = normalize(seen[window_frames(len(frames))[1]])
    same(shown[::8, :, ::4, ::4], case[2]["clip/input1"])
    same(own[1][:, ::4, ::4], case[2]["clip/window1"])
    same(np.stack([*join_windows(windows, len(frames))])[::3], case[2]["clip/depth"])


def test_the_tensors_of_the_small_release_are_all_used():
    released = released_shapes("video_depth_vits")
    with torch.device("meta"):
        network = VideoDepthAnything(MODELS["vits"])
    needed = needed_shapes(network, BACKBONE)
    assert needed == {
        key: shape for key, shape in released.items() if key not in network.WITHOUT_EFFECT
    }
    assert network.WITHOUT_EFFECT <= released.keys()


@pytest.mark.parametrize(
    ("picture", "seen"),
    [
        ((1080, 1920), (518, 924)), ((480, 640), (518, 686)), ((640, 480), (686, 518)),
        ((518, 518), (518, 518)), ((804, 1920), (392, 938)), ((2160, 4096), (490, 924)),
        ((100, 300), (308, 924)),
    ],
)  # fmt: skip
def test_pictures_are_seen_at_the_published_size(picture, seen):
    assert seen_size(*picture, 518) == seen
