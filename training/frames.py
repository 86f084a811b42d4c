"""Rendered frames as tensors, and random batches for the stages."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .scenes.frame import Frame, frame_path
from .scenes.splits import seeds

MULTIPLE = 32  # pixels; f_D needs both sides to be a multiple of this
SKY_BEHIND = 1.25  # depth of the sky for f_G, relative to the farthest that is none
EDGE_RATIO = 1.1  # a larger depth ratio between neighbors is an edge


class FramesMissingError(FileNotFoundError):
    """A stage needs frames that were not rendered."""


@dataclass(frozen=True)
class Batch:
    """Frames of equal size.

    Attributes:
        rgb: (B, 3, h, w) in 0..1.
        depth: (B, 1, h, w) [m].
        intrinsics: (B, 4).
        sky: (B, 1, h, w) bool.
    """

    rgb: torch.Tensor
    depth: torch.Tensor
    intrinsics: torch.Tensor
    sky: torch.Tensor

    def to(self, device) -> "Batch":
        """Move the batch to a device."""
        return Batch(*(getattr(self, each.name).to(device) for each in fields(self)))


def load_frames(folder: Path, split: str, count: int) -> list[Frame]:
    """Load the first `count` frames of a split, skipping those with constant depth.

    Raises:
        FramesMissingError: some of them were not rendered.
    """
    frames = [Frame.load(path) for path in check_frames(folder, split, count)]
    return [frame for frame in frames if frame.depth.min() < frame.depth.max()]


def load_sharp_frames(config) -> list[Frame]:
    """Load the training frames for the autoencoder and f_G, whose depth is normalized per frame.

    In the linear space the sky is where it was rendered. In the others it stands barely behind
    everything else, so that the range is that of the scene.
    """
    frames = load_frames(Path(config.folder) / "frames", "train", config.render.train)
    if config.depth_space == "linear":
        return frames
    return [frame for frame in map(_with_near_sky, frames) if np.ptp(frame.depth) > 0]


def smaller(frame: Frame, resolution: int) -> Frame:
    """Resize a frame to `resolution` pixels along its longer side, depth by nearest neighbor.

    Both sides become multiples of 32 pixels, so the scale may differ a little between the axes.
    """
    height, width = frame.depth.shape
    scale = resolution / max(height, width)
    new = tuple(max(1, round(side * scale / MULTIPLE)) * MULTIPLE for side in (height, width))
    single = collate([frame])
    rgb = F.interpolate(single.rgb, new, mode="bilinear", antialias=True)
    depth, sky = (
        F.interpolate(part.float(), new, mode="nearest-exact")[0, 0]
        for part in (single.depth, single.sky)
    )
    across, down = new[1] / width, new[0] / height
    fx, fy, cx, cy = frame.intrinsics
    return Frame(
        (255 * rgb[0].permute(1, 2, 0)).round().byte().numpy(),
        depth.numpy(),
        (fx * across, fy * down, cx * across, cy * down),
        frame.seed,
        None if frame.sky is None else sky.numpy() > 0.5,
    )


def _with_near_sky(frame):
    if frame.sky is None or not frame.sky.any() or frame.sky.all():
        return frame
    behind = np.float32(SKY_BEHIND * frame.depth[~frame.sky].max())
    return replace(frame, depth=np.where(frame.sky, behind, frame.depth))


def check_frames(folder: Path, split: str, count: int) -> list[Path]:
    """Return the paths of the first `count` frames of a split; raises as `load_frames` does."""
    paths = [frame_path(Path(folder), split, seed) for seed in seeds(split, count)]
    missing = sum(not path.is_file() for path in paths)
    if missing:
        raise FramesMissingError(f"{missing} of {count} {split} frames are missing: run `render`")
    return paths


def collate(frames: list[Frame]) -> Batch:
    """Stack frames of equal size."""
    rgb = np.stack([frame.rgb for frame in frames])
    depth = np.stack([frame.depth for frame in frames])
    nowhere = np.zeros(depth.shape[1:], bool)
    sky = np.stack([nowhere if frame.sky is None else frame.sky for frame in frames])
    return Batch(
        torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255,
        torch.from_numpy(depth)[:, None],
        torch.tensor([frame.intrinsics for frame in frames], dtype=torch.float32),
        torch.from_numpy(sky)[:, None],
    )


def draw_batch(frames: list[Frame], size: int, rng: np.random.Generator) -> Batch:
    """Draw full frames of one orientation, color-jittered; half of the batches are mirrored."""
    shapes = [frame.depth.shape for frame in frames]
    shape = shapes[rng.integers(len(frames))]
    alike = [frame for frame, other in zip(frames, shapes, strict=True) if other == shape]
    batch = collate([alike[i] for i in rng.integers(len(alike), size=size)])
    if rng.random() < 0.5:
        batch = mirrored(batch)
    return replace(batch, rgb=vary_colors(batch.rgb, rng))


def draw_crops(
    frames: list[Frame], size: int, side: int, rng: np.random.Generator
) -> tuple[Batch, torch.Tensor, torch.Tensor]:
    """Draw square crops of `side` pixels without resizing.

    Returns:
        The batch, and the minimum and maximum depth of each full frame: (B, 1, 1, 1) [m].
    """
    crops, ranges = [], []
    for i in rng.integers(len(frames), size=size):
        frame = frames[i]
        ranges.append((frame.depth.min(), frame.depth.max()))
        height, width = frame.depth.shape
        y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
        fx, fy, cx, cy = frame.intrinsics
        rgb, depth = (part[y : y + side, x : x + side] for part in (frame.rgb, frame.depth))
        crops.append(Frame(rgb, depth, (fx, fy, cx - x, cy - y), frame.seed))
    batch = collate(crops)
    nearest, farthest = torch.tensor(np.array(ranges))[..., None, None, None].unbind(1)
    return replace(batch, rgb=vary_colors(batch.rgb, rng)), nearest, farthest


def draw_zoomed(
    frames: list[Frame],
    size: int,
    rng: np.random.Generator,
    shrink: float = 1,
    smallest: float = 0.55,
    vary: Callable[[torch.Tensor, np.random.Generator], torch.Tensor] | None = None,
) -> tuple[Batch, torch.Tensor]:
    """Draw random crops, resized to the frame size divided by `shrink`, with their intrinsics.

    A crop is a narrower view with a longer focal length: a new camera at no cost. Depth and sky are
    resized by nearest neighbor, so they are never blended across an edge. `vary` changes the colors
    of each picture, (1, 3, h, w) in 0..1; the default is `vary_colors`.

    Returns:
        The batch, and a mask of the pixels away from depth edges: (B, 1, h, w) bool.
    """
    sides = sorted(frames[0].depth.shape)
    shorter, longer = (max(1, round(side / shrink / MULTIPLE)) * MULTIPLE for side in sides)
    height, width = (longer, shorter) if rng.random() < 0.4 else (shorter, longer)
    parts = []
    for i in rng.integers(len(frames), size=size):
        single = collate([frames[i]])
        if rng.random() < 0.5:
            single = mirrored(single)
        full_height, full_width = single.depth.shape[2:]
        fit = min(full_height / height, full_width / width)
        scale = fit * rng.uniform(smallest, 1) ** 0.7
        crop_height, crop_width = round(height * scale), round(width * scale)
        y = rng.integers(full_height - crop_height + 1)
        x = rng.integers(full_width - crop_width + 1)
        inside = (..., slice(y, y + crop_height), slice(x, x + crop_width))
        rgb = F.interpolate(single.rgb[inside], (height, width), mode="bilinear", antialias=True)
        away = away_from_edges(single.depth[inside])
        depth, away, sky = (
            F.interpolate(part, (height, width), mode="nearest-exact")
            for part in (single.depth[inside], away.float(), single.sky[inside].float())
        )
        across, down = width / crop_width, height / crop_height
        shift = torch.tensor([0, 0, x, y])
        intrinsics = (single.intrinsics - shift) * torch.tensor([across, down, across, down])
        parts.append(((vary or vary_colors)(rgb.clamp(0, 1), rng), depth, intrinsics, sky, away))
    rgb, depth, intrinsics, sky, away = (torch.cat(part) for part in zip(*parts, strict=True))
    return Batch(rgb, depth, intrinsics, sky > 0.5), away > 0.5


def mirrored(batch: Batch) -> Batch:
    """Mirror a batch left to right, including the principal point."""
    fx, fy, cx, cy = batch.intrinsics.unbind(1)
    intrinsics = torch.stack([fx, fy, batch.rgb.shape[3] - cx, cy], dim=1)
    return Batch(batch.rgb.flip(3), batch.depth.flip(3), intrinsics, batch.sky.flip(3))


def vary_colors(rgb: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Jitter gamma, contrast, white balance and saturation, and add a little noise."""
    batch = len(rgb)

    def drawn(low, high, channels=1):
        values = rng.uniform(low, high, (batch, channels, 1, 1))
        return torch.from_numpy(values.astype(np.float32)).to(rgb.device)

    rgb = rgb.clamp(1e-4, 1) ** drawn(0.7, 1.4) * drawn(0.85, 1.15, 3)
    rgb = (rgb - 0.5) * drawn(0.75, 1.2) + 0.5
    gray = rgb.mean(1, keepdim=True)
    rgb = gray + (rgb - gray) * drawn(0.3, 1.3)
    noise = torch.from_numpy(rng.standard_normal(rgb.shape, dtype=np.float32)).to(rgb.device)
    return (rgb + noise * drawn(0, 0.02)).clamp(0, 1)


def away_from_edges(depth: torch.Tensor, margin: int = 3) -> torch.Tensor:
    """Mask the pixels more than `margin` pixels away from any depth edge, (B, 1, h, w)."""
    logarithm, jump = depth.log(), np.log(EDGE_RATIO)
    edge = torch.zeros_like(depth)
    across = (logarithm[..., :, 1:] - logarithm[..., :, :-1]).abs() > jump
    down = (logarithm[..., 1:, :] - logarithm[..., :-1, :]).abs() > jump
    edge[..., :, 1:] += across
    edge[..., 1:, :] += down
    return F.max_pool2d((edge > 0).float(), 2 * margin + 1, stride=1, padding=margin) == 0
