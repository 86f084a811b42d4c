"""Seconds and memory of every model and preset of the catalogue, at full size on the CPU.

    python benchmarks/models.py [NAME ...]

The bundled model is itself; the others have random weights in the shapes of the release, so time
and memory are those of the real ones, and what they answer means nothing. Each runs once, in a
process of its own, on a picture of 768 by 512 pixels, but for the one that fills layers. Seconds
are those of one core of the processor, all threads together, which other work on the machine
changes little; memory is the most that the process had. Estimators run alone; diffusion models and
refiners take a given map; presets do all. Networks for video, and presets that have one, take a
frame of a long shot: its share of a window and of the frame that gives the scale.

Writes sharpdepth_blender/library/measured.json, from which the catalogue tells them; with names,
only theirs are measured anew.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from sharpdepth_blender.engine.device import peak_memory  # noqa: E402
from sharpdepth_blender.engine.lotus import LotusPipeline  # noqa: E402
from sharpdepth_blender.engine.marigold import MarigoldPipeline  # noqa: E402
from sharpdepth_blender.engine.metric_only import MetricPipeline  # noqa: E402
from sharpdepth_blender.engine.mono import MonoPipeline  # noqa: E402
from sharpdepth_blender.engine.refining import RefiningPipeline  # noqa: E402
from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from sharpdepth_blender.geometry.temporal import window_frames  # noqa: E402
from sharpdepth_blender.library import PRESETS, WEIGHTS  # noqa: E402
from training.full_size_estimators import (  # noqa: E402
    MAKERS,
    REFINERS,
    VIDEO,
    random_network,
    random_refiner,
    random_video,
)

SIZE = (512, 768)  # of the picture: height, width
LONG = 1000  # frames of a shot
RESULT = ROOT / "sharpdepth_blender" / "library" / "measured.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--one", action="store_true", help="measure in this process, and print")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.names[0])))
        return
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {"models": {}}
    weights = [name for name, each in WEIGHTS.items() if not each.inpaints]
    for name in arguments.names or dict.fromkeys([*weights, *PRESETS]):
        command = [sys.executable, __file__, "--one", name]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = json.loads(answer.splitlines()[-1])
        print(f"{name:34}{found['seconds']:>9.1f} s{found['memory'] / 1e9:>8.2f} GB", flush=True)
        known["models"][name] = found
        known |= {
            "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
            "torch": torch.__version__,
            "picture": SIZE[::-1],
        }
        RESULT.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def measure(name: str) -> dict:
    """Processor seconds of one picture, or of a frame, and peak bytes of this process."""
    rgb = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    camera = Intrinsics.from_fov(60, SIZE[1], SIZE[0])  # random weights would find no sensible one
    video = name if name in VIDEO else name in PRESETS and PRESETS[name].video
    if video:
        runs = prepared_frame(name, video, rgb, camera)
    else:
        runs = [(prepared(name, rgb, camera), 1.0)]
    seconds = 0.0
    for run, share in runs:
        start = time.process_time()
        run()
        seconds += share * (time.process_time() - start)
    return {"seconds": round(seconds, 2), "memory": peak_memory("cpu")}


def prepared_frame(name, video, rgb, camera):
    """What runs for a frame of a shot, and its share of each, with the networks loaded."""
    windows = window_frames(LONG)
    share = len(windows) / LONG
    network = random_video(video)
    picture = torch.from_numpy(rgb).permute(2, 0, 1)[None].float()
    seen = network.seen(picture).expand(len(windows[0]), -1, -1, -1)
    runs = [(lambda: network.predict(seen), share)]
    if name in PRESETS:
        preset = PRESETS[name]
        runs.append((prepared(preset.estimator, rgb, camera), share))  # each window has one
        if preset.network:
            runs.append((prepared(preset.network, rgb, camera), 1.0))
    return runs


def prepared(name, rgb, camera):
    """What runs once for a preset or for weights, with the networks loaded."""
    network = PRESETS[name].network if name in PRESETS else name
    if network in REFINERS:
        model = SharpDepth(name, RefiningPipeline(random_refiner(network)))
        return lambda: model.infer(rgb, camera, ramp(*SIZE))
    if name in PRESETS and name != "metric":
        preset = PRESETS[name]
        if name == "preview":
            model = SharpDepth.load("preview", "cpu")
        else:
            pipeline = pipeline_of(network)
            estimator = Sensible(random_network(preset.estimator))
            model = SharpDepth(name, pipeline, lambda: estimator)
        model.processing_resolution = max(SIZE)
        return lambda: model.infer(rgb, camera)
    if name in WEIGHTS and WEIGHTS[name].loader is None:
        model = SharpDepth(name, pipeline_of(name))
        return lambda: model.infer(rgb, camera, ramp(*SIZE))
    estimator = Sensible(random_network(PRESETS["metric"].estimator if name == "metric" else name))
    model = SharpDepth(name, MetricPipeline(), lambda: estimator)
    return lambda: model.infer(rgb, camera)


class Sensible:
    """An estimator that runs its network, but answers a ramp: random weights may see only sky."""

    def __init__(self, network):
        self.network = network
        self.takes_intrinsics, self.finds_intrinsics = True, network.finds_intrinsics

    def to(self, device):
        """See `MetricEstimator.to`."""
        self.network.to(device)
        return self

    def predict(self, picture, intrinsics):
        """See `MetricEstimator.predict`."""
        answer = self.network.predict(picture, intrinsics)
        return replace(answer, depth=torch.from_numpy(ramp(*picture.shape[2:]))[None, None])


def ramp(height, width):
    """Meters from 2 at the top to 20 below, (height, width) float32."""
    return np.repeat(np.linspace(2, 20, height, dtype=np.float32)[:, None], width, axis=1)


def pipeline_of(name):
    from diffusers import DDIMScheduler

    from training.full_size import random_pipeline

    if name in MAKERS:
        return MonoPipeline(random_network(name))
    torch.manual_seed(0)
    made = random_pipeline()
    if name == "lotus-depth-g":
        return LotusPipeline(made.vae, made.unet, made.scheduler, made.empty_prompt)
    if name != "marigold-depth":
        return made
    unet = made.unet
    plain = type(unet).from_config({**unet.config, "class_embed_type": None})
    scheduler = DDIMScheduler(
        beta_schedule="scaled_linear", prediction_type="v_prediction", timestep_spacing="trailing",
        rescale_betas_zero_snr=True, clip_sample=False, set_alpha_to_one=False,
    )  # fmt: skip
    return MarigoldPipeline(made.vae, plain.eval(), scheduler, made.empty_prompt)


if __name__ == "__main__":
    main()
