"""What happens when memory is full, on the CPU and with a device that only says it is full."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.memory import SMALLEST, TILE, Memory
from sharpdepth_blender.engine.method import decode_depth, encode
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "sharpdepth_blender" / "models"


@pytest.fixture
def engine(tiny):
    """A copy, because each step changes the networks for good."""
    engine = SharpDepth("tiny", copy.deepcopy(tiny))
    engine.processing_resolution = 600
    return engine


@pytest.fixture
def full(engine, monkeypatch):
    """Make the U-Net's device full for the first `times` calls."""

    def fill(times):
        forward, calls = engine._pipeline.unet.forward, []

        def fail(*args, **kwargs):
            calls.append(args[0].shape[-1] * 8)
            if len(calls) <= times:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
            return forward(*args, **kwargs)

        monkeypatch.setattr(engine._pipeline.unet, "forward", fail)
        return calls

    return fill


def test_the_steps_come_in_order_and_each_is_told(engine, full, photo, ramp):
    widths = full(3)
    heard = []
    result = engine.infer(photo, metric_depth=ramp[0], progress=heard.append)
    # 600, 450 and 337 px, padded to the VAE's eight, with a border of 40, 32 and 24 on either side
    assert widths == [680, 680, 520, 392, 392]
    tiles, resolution = [note for note in result.notes if "memory" in note]
    assert f"tiles of {TILE} px" in tiles and "337 px" in resolution
    told = [each.message for each in heard if "memory" in each.message]
    assert len(told) == 3 and told[0] == tiles and told[2] == resolution
    fractions = [each.fraction for each in heard]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert np.isfinite(result.depth).all()


def test_the_next_picture_begins_with_what_helped(engine, full, photo, ramp):
    full(2)
    engine.infer(photo, metric_depth=ramp[0])
    widths = full(0)
    result = engine.infer(photo, metric_depth=ramp[0])
    assert widths == [520, 520]
    assert any("450 px" in note for note in result.notes)
    engine.processing_resolution = 400  # already less
    widths = full(0)
    engine.infer(photo, metric_depth=ramp[0])
    assert widths == [464, 464]


def test_when_no_step_is_left_it_is_an_error(engine, full, photo, ramp):
    widths = full(10**6)
    with pytest.raises(EngineError, match="Out of memory on cpu") as error:
        engine.infer(photo, metric_depth=ramp[0])
    assert error.value.kind == "out_of_memory"
    assert min(widths) >= SMALLEST


def test_a_cancel_during_relief_comes_out(engine, full, photo, ramp):
    full(1)

    class Cancelled(Exception):
        pass

    def cancel(progress):
        if "memory" in progress.message:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.infer(photo, metric_depth=ramp[0], progress=cancel)


def test_a_picture_at_its_own_resolution_shrinks_too(tiny):
    memory = Memory(None, "cpu")
    assert memory.resolution(400, 800, 0) == 0
    assert "600 px" in memory.next_fallback()
    assert memory.resolution(400, 800, 0) == 600
    assert memory.resolution(100, 300, 0) == 300


def test_offloading_keeps_the_numbers(tiny, photo, ramp):
    """accelerate's hooks, with the CPU as the device that they bring the networks to."""
    pipeline = copy.deepcopy(tiny)
    args = dict(processing_resolution=48, noise=None)
    before = pipeline(photo, ramp[0], generator=torch.Generator().manual_seed(0), **args)
    pipeline.enable_model_cpu_offload(device="cpu")
    after = pipeline(photo, ramp[0], generator=torch.Generator().manual_seed(0), **args)
    np.testing.assert_array_equal(before.depth, after.depth)
    assert hasattr(pipeline.unet, "_hf_hook") and hasattr(pipeline.vae, "_hf_hook")


class Device:
    """Stands in for a pipeline on a graphics card."""

    def __init__(self, vae):
        self.vae = vae
        self.calls = []

    def enable_model_cpu_offload(self, device):
        self.calls.append(f"offload {device}")

    def maybe_free_model_hooks(self):
        self.calls.append("rest")


def test_on_a_graphics_card_networks_leave_it_before_the_picture_shrinks(tiny, monkeypatch):
    monkeypatch.setattr(torch.accelerator, "empty_cache", lambda: None)
    pipeline = Device(copy.deepcopy(tiny.vae))
    memory = Memory(pipeline, "mps")
    memory.resolution(768, 768, 768)
    memory.rest()
    assert pipeline.calls == []
    notes = [memory.next_fallback() for _ in range(3)]
    assert pipeline.calls == ["offload mps"] and memory.offloading
    assert ["tiles" in notes[0], "only while" in notes[1], "576 px" in notes[2]] == [True] * 3
    memory.rest()
    assert pipeline.calls[-1] == "rest"


def test_tiles_change_little():
    """The bundled autoencoder, in tiles and whole, on depth larger than a tile."""
    pipeline = SharpDepthPipeline.from_pretrained(BUNDLED / "preview")
    rows, columns = torch.meshgrid(*(torch.linspace(-1, 1, n) for n in (520, 640)), indexing="ij")
    depth = 0.6 * rows + 0.3 * torch.sin(5 * columns)
    depth[200:400, 300:500] = -0.8
    depth = depth[None, None]

    def there_and_back():
        with torch.no_grad():
            return decode_depth(pipeline.vae, encode(pipeline.vae, depth))

    whole = there_and_back()
    Memory(pipeline, "cpu").next_fallback()
    tiled = there_and_back()
    assert not torch.equal(whole, tiled)
    assert (whole - tiled).abs().mean() < 0.05 * depth.std()


REALLY_FULL = """
import resource, sys
import numpy as np
from sharpdepth_blender.engine import SharpDepth
engine = SharpDepth.load(sys.argv[1], "cpu")
rgb = np.zeros((90, 120, 3), np.uint8); rgb[20:50] = 200
depth = np.linspace(1, 3, rgb[..., 0].size, dtype=np.float32).reshape(90, 120)
engine.processing_resolution = 64
engine.infer(rgb, metric_depth=depth)  # libraries and threads are there now
with open("/proc/self/statm") as file:
    held = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 150 * 2**20,) * 2)
engine.processing_resolution = 800
result = engine.infer(rgb, metric_depth=depth)
assert np.isfinite(result.depth).all()
print("\\n".join(result.notes))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
def test_memory_that_is_really_full(tiny_folder):
    answer = subprocess.run(
        [sys.executable, "-c", REALLY_FULL, tiny_folder],
        cwd=ROOT,
        # Blocks that are freed are to leave the address space, which is what is limited.
        env=os.environ | {"OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Out of memory on cpu" in answer.stdout
