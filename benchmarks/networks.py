"""Full-size networks of the project against those of diffusers, on this computer's processors.

    python benchmarks/networks.py [--resolution 768]

The same random weights, picture, metric depth and noise: Stable Diffusion 2's autoencoder and the
U-Net of Lotus, without a metric model. Seconds are those of processors, memory is what a picture
takes besides the weights. Differences are those of the decoded depth, relative to its standard
deviation. Prints a table and writes benchmarks/results/networks.json.
"""

import argparse
import gc
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.memory import forget_peak, kilobytes  # noqa: E402
from sharpdepth_blender.engine.latent import Autoencoder, UNet  # noqa: E402
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline  # noqa: E402
from sharpdepth_blender.engine.precision import has_fast_bfloat16  # noqa: E402
from training.full_size import random_pipeline  # noqa: E402

RESULT = Path(__file__).with_name("results") / "networks.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--resolution", type=int, default=768)
    resolution = parser.parse_args().resolution
    torch.manual_seed(0)
    theirs = random_pipeline()
    rows, reference = [], None
    for name, pipeline in variants(theirs):
        stages, memory, depth = measure(pipeline, resolution)
        reference = depth if reference is None else reference
        apart = np.abs(depth - reference) / reference.std()
        total = sum(stages.values())
        ratio = total / rows[0]["total"] if rows else 1.0
        rows.append(
            {
                "networks": name,
                "stages": stages,
                "total": total,
                "ratio": ratio,
                "memory": memory,
                "difference": {"mean": float(apart.mean()), "max": float(apart.max())},
            }
        )
        print(
            f"{name:12} {total:7.1f} s, {ratio:.2f} times, {memory / 2**20:6.0f} MiB, apart "
            f"{apart.mean():.1e}, at most {apart.max():.1e}",
            flush=True,
        )
        print("  " + ", ".join(f"{stage} {each:.1f}" for stage, each in stages.items()), flush=True)
    RESULT.write_text(json.dumps({"resolution": resolution, "rows": rows}, indent=1) + "\n")
    return 0


def variants(theirs: SharpDepthPipeline):
    """Yield names and pipelines with the same weights, each where it needs them."""
    yield "diffusers", theirs
    with torch.device("meta"):
        ours = random_pipeline((Autoencoder, UNet))
    for name in ("vae", "unet"):
        getattr(ours, name).load_state_dict(getattr(theirs, name).state_dict(), assign=True)
        getattr(ours, name).to(memory_format=torch.channels_last)  # as `engine/weights.py` does
    ours.scheduler, ours.empty_prompt = theirs.scheduler, theirs.empty_prompt
    yield "ours", ours
    if has_fast_bfloat16():
        ours.unet.to(torch.bfloat16)
        ours.vae.halve()
        yield "ours, fast", ours


def measure(pipeline: SharpDepthPipeline, resolution: int):
    """Processor seconds of each stage, bytes at the peak, and the decoded depth of one picture."""
    random = np.random.default_rng(0)
    height, width = 1080, 1920
    ramp = np.linspace(2, 20, height, dtype=np.float32)[:, None].repeat(width, 1)
    rgb = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    times: list[tuple[str, float]] = []
    gc.collect()
    forget_peak()
    before = kilobytes("VmRSS")
    output = pipeline(
        rgb,
        ramp,
        resolution,
        generator=torch.Generator().manual_seed(0),
        intermediates=True,
        on_stage=lambda stage, _: times.append((stage, time.process_time())),
        fit="global",
    )
    memory = 1024 * (kilobytes("VmHWM") - before)
    stages: dict[str, float] = {}
    for (stage, begun), (_, ended) in zip(
        times, [*times[1:], ("", time.process_time())], strict=True
    ):
        stages[stage] = stages.get(stage, 0) + ended - begun
    networks = {stage: each for stage, each in stages.items() if stage in SharpDepthPipeline.looks}
    return networks, memory, output.intermediates["decoded_depth"]


if __name__ == "__main__":
    sys.exit(main())
