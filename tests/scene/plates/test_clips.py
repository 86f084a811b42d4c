"""Movie clips by start frame, offset and proxies: what Blender shows there is what is read."""

import os

import bpy
import pytest

from sharpdepth_blender.scene.plates import read_clip
from tests.scene.plates.conftest import LEVELS, everything


def add_proxies(clip, folder):
    """Have a clip show proxies of a quarter of its size, which are black here."""
    clip.use_proxy = True
    clip.proxy.build_25 = True
    clip.use_proxy_custom_directory = True
    clip.proxy.directory = str(folder)
    proxies = folder / os.path.basename(clip.filepath) / "proxy_25"
    proxies.mkdir(parents=True, exist_ok=True)
    black = bpy.data.images.new("Black", 8, 6)
    for number in range(1, 6):
        black.save(filepath=str(proxies / f"{number:08d}.jpg"))
    bpy.data.images.remove(black)


@pytest.mark.parametrize("proxies", [False, True])
@pytest.mark.parametrize(("start", "offset"), [(1, 0), (101, 0), (1, 2), (101, 2), (-3, -1)])
@pytest.mark.parametrize("kind", ["sequence", "movie"])
def test_a_frame(kind, start, offset, proxies, request, scene, tmp_path):
    clip = bpy.data.movieclips.load(request.getfixturevalue(kind))
    clip.frame_start, clip.frame_offset = start, offset
    if proxies:
        add_proxies(clip, tmp_path / "proxies")
    before = everything()
    settings = clip.use_proxy, clip.frame_start, clip.frame_offset
    for frame in range(start - 2, start + 8):
        plate = read_clip(clip, scene, frame)
        number = min(max(frame - start + offset, 0), 4)
        assert plate.rgb.shape == (24, 32, 3)
        assert abs(plate.rgb.mean() - LEVELS[number]) <= 2
    assert everything() == before
    assert (clip.use_proxy, clip.frame_start, clip.frame_offset) == settings
