"""Frames in one small file, to be trained on where only a few megabytes can be brought."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from sharpdepth_blender.geometry import Intrinsics

from .scenes.frame import Frame, frame_path
from .scenes.splits import SEEDS_OF_SPLIT

NEAREST, STEP = 0.01, 0.001  # meters; relative step of depth, well below what a model can tell
QUALITY = 92  # JPEG
LIST = "frames.json"


def pack_frames(folder: Path, into: Path, counts: dict[str, int], megabytes: float, longer: int):
    """Write rendered frames to one file, in the order of `counts`, until it is full.

    Pictures become JPEG, depth a 16-bit PNG of its logarithm, 0 for the sky.

    Args:
        folder: `frames` folder of a run.
        into: File to write.
        counts: Maximum number of frames by split; the first seeds that are there.
        megabytes: Maximum size of the file.
        longer: Longer side of the packed frames, pixels; larger ones are resized.

    Returns:
        Number of packed frames by split.
    """
    packed, room = dict.fromkeys(counts, 0), megabytes * 1e6 - 1e5
    listed = {}
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as file:
        for split, count in counts.items():
            for path in sorted((Path(folder) / split).glob("[0-9]" * 7 + ".npz"))[:count]:
                frame = _resized(Frame.load(path), longer)
                name = f"{split}/{path.stem}"
                parts = {f"{name}.jpg": _picture(frame.rgb), f"{name}.png": _depth(frame)}
                room -= sum(map(len, parts.values())) + 400  # and its entries in the lists
                if room < 0:
                    break
                for part, content in parts.items():
                    file.writestr(part, content)
                listed[name] = [float(frame.depth.max()), *frame.intrinsics]
                packed[split] += 1
        file.writestr(LIST, json.dumps(listed))
    return packed


def unpack_frames(file: Path, folder: Path) -> dict[str, int]:
    """Write the frames of a packed file to a `frames` folder; return their number by split.

    The seeds of each split are numbered anew from its first, so that `load_frames` finds them.
    """
    unpacked = {}
    with zipfile.ZipFile(file) as source:
        for name, (farthest, *intrinsics) in json.loads(source.read(LIST)).items():
            split = name.partition("/")[0]
            rgb = np.array(Image.open(io.BytesIO(source.read(f"{name}.jpg"))))
            code = np.array(Image.open(io.BytesIO(source.read(f"{name}.png")))).astype(np.float32)
            sky = code == 0
            depth = np.where(sky, farthest, NEAREST * np.exp((code - 1) * STEP))
            number = SEEDS_OF_SPLIT[split][unpacked.get(split, 0)]
            path = frame_path(folder, split, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            Frame(rgb, depth.astype(np.float32), tuple(intrinsics), number, sky).save(path)
            unpacked[split] = unpacked.get(split, 0) + 1
    return unpacked


def _resized(frame, longer):
    height, width = frame.depth.shape
    if max(height, width) <= longer:
        return frame
    size = [round(side * longer / max(height, width)) for side in (height, width)]
    rgb = torch.from_numpy(frame.rgb).permute(2, 0, 1)[None].float()
    rgb = F.interpolate(rgb, size, mode="bilinear", antialias=True).clamp(0, 255).round()

    def nearest(values):
        values = torch.from_numpy(values)[None, None].float()
        return F.interpolate(values, size, mode="nearest-exact")[0, 0].numpy()

    return replace(
        frame,
        rgb=rgb[0].permute(1, 2, 0).byte().numpy(),
        depth=nearest(frame.depth),
        sky=None if frame.sky is None else nearest(frame.sky) > 0.5,
        intrinsics=tuple(Intrinsics(*frame.intrinsics, width, height).resized(*reversed(size))),
    )


def _picture(rgb):
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _depth(frame):
    code = 1 + np.round(np.log(frame.depth / NEAREST) / STEP)
    code = np.clip(code, 1, 65535).astype(np.uint16)
    if frame.sky is not None:
        code[frame.sky] = 0
    file = io.BytesIO()
    Image.fromarray(code).save(file, "PNG", optimize=True)
    return file.getvalue()
