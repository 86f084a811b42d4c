"""The network of MoGe-2, and how metric depth comes of its answer."""

from dataclasses import dataclass
from math import sqrt

import torch
import torch.nn.functional as F
from torch import nn

from ...geometry import Intrinsics
from ..dinov2 import PATCH, VISION_TRANSFORMERS, Backbone, normalize
from ..errors import EngineError
from ..metric import MetricEstimate
from ..rays import unproject
from .focal import find_shift
from .stack import Stack, resized, uv_plane

_LEVELS = 5
_OFFSET, _EPSILON = 0.1, 1e-6  # of the backbone
_VISIBLE = 0.5  # probability of the mask above which a pixel has a depth


@dataclass(frozen=True)
class Answer:
    """What the network says of a picture, in float32.

    Attributes:
        points: (1, 3, h, w) in camera axes, but for a factor, and a shift of z.
        normals: (1, 3, h, w) unit normals in camera axes; None without such a head.
        mask: (1, 1, h, w), probability that there is a surface; None without such a head.
        scale: The factor to meters; None without such a head.
    """

    points: torch.Tensor
    normals: torch.Tensor | None
    mask: torch.Tensor | None
    scale: torch.Tensor | None


class Encoder(nn.Module):
    """DINOv2, with the features of some of its blocks added up."""

    def __init__(self, config: dict):
        super().__init__()
        sizes = VISION_TRANSFORMERS[config["backbone"]]
        self.taken = config["intermediate_layers"]
        self.backbone = Backbone(sizes, _OFFSET, _EPSILON)
        self.output_projections = nn.ModuleList(
            nn.Conv2d(sizes.width, config["dim_out"], 1) for _ in self.taken
        )

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features (B, dim_out, h / 14, w / 14) and the class token (B, width).

        Args:
            picture: (B, 3, h, w), normalized, both sides multiples of 14.
        """
        after = self.backbone(picture)
        grid = [side // PATCH for side in picture.shape[2:]]
        features = 0
        for block, project in zip(self.taken, self.output_projections, strict=True):
            tokens = self.backbone.norm(after[block])
            features = features + project(tokens[:, 1:].transpose(1, 2).unflatten(2, grid))
        return features, tokens[:, 0]


class MoGe2(nn.Module):
    """Metric depth, normals, intrinsics and a mask from one picture.

    Given intrinsics fix the focal length, so that only the shift of depth is fitted. The released
    code takes a horizontal field of view; here the pixels are also square or not, and the principal
    point in the middle or not, as the camera says, which is the same where they are.

    Args:
        config: `model_config` of a released checkpoint.
    """

    takes_intrinsics = True
    finds_intrinsics = True
    WITHOUT_EFFECT = frozenset(
        {"encoder.image_mean", "encoder.image_std", "encoder.backbone.mask_token"}
    )

    def __init__(self, config: dict):
        super().__init__()
        self.remap = REMAPS[config.get("remap_output", "linear")]
        self.tokens = config.get("num_tokens_range", [1200, 3600])[1]
        self.encoder = Encoder(config["encoder"])
        self.neck = Stack(config["neck"])
        for name in ("points_head", "normal_head", "mask_head"):
            head = config.get(name)
            setattr(self, name, head and Stack(head))
        dims = config.get("scale_head") and config["scale_head"]["dims"]
        self.scale_head = dims and nn.Sequential(*_perceptron(dims))

    def forward(self, picture: torch.Tensor, tokens: int | None = None) -> Answer:
        """Run the network.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            tokens: About how many patches to look at; None for the most of the training.
        """
        size = picture.shape[2:]
        height, width = size
        aspect = width / height
        tokens = tokens or self.tokens
        rows = max(1, round(sqrt(tokens / aspect)))
        columns = max(1, round(sqrt(tokens * aspect)))
        dtype = next(self.parameters()).dtype
        seen = F.interpolate(
            picture.float(),
            (rows * PATCH, columns * PATCH),
            mode="bilinear",
            align_corners=False,
            antialias=True,
        )
        features, first = self.encoder(normalize(seen).to(dtype))
        levels = [
            uv_plane(rows << level, columns << level, aspect).to(features)
            for level in range(_LEVELS)
        ]
        levels[0] = torch.cat([features, levels[0]], dim=1)
        levels = self.neck(levels)

        def look(head):
            return head and resized(head(levels)[-1], size)

        points, normals, mask = map(look, (self.points_head, self.normal_head, self.mask_head))
        return Answer(
            self.remap(points),
            None if normals is None else F.normalize(normals, dim=1, eps=1e-12),
            None if mask is None else mask.sigmoid(),
            self.scale_head and self.scale_head(first).float().exp()[0, 0],
        )

    @torch.no_grad()
    def predict(
        self, picture: torch.Tensor, intrinsics: Intrinsics | None = None
    ) -> MetricEstimate:
        """Estimate metric depth of one picture of any size.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture, if known.

        Returns:
            z-depth (1, 1, h, w) in meters, float32, 0 where the network sees no surface, such as in
            the sky; its points and normals; and intrinsics.

        Raises:
            EngineError: `bad_depth`, if no intrinsics are given and none fit the answer.
        """
        return self.estimate(self(picture), intrinsics)

    def estimate(self, answer: Answer, intrinsics: Intrinsics | None) -> MetricEstimate:
        """See `predict`, from the network's answer."""
        height, width = answer.points.shape[2:]
        half_diagonal = sqrt(height**2 + width**2) / 2
        middle = torch.tensor([width / 2, height / 2])
        centered = (_pixel_centers(height, width) - middle) / half_diagonal
        z = answer.points[0, 2].cpu()
        there = (
            torch.ones_like(z) > 0 if answer.mask is None else answer.mask[0, 0].cpu() > _VISIBLE
        )
        points = answer.points[0].permute(1, 2, 0).cpu().numpy(), there.numpy()
        focal, shift = find_shift(*points, centered.numpy())
        fx, fy = (float(each) for each in focal * half_diagonal)
        found = None
        if 0 < fx < float("inf"):
            found = Intrinsics(fx, fy, width / 2, height / 2, width, height)
        if intrinsics is not None:
            middle = torch.tensor([intrinsics.cx, intrinsics.cy])
            uv = (_pixel_centers(height, width) - middle) / half_diagonal
            focal = torch.tensor([intrinsics.fx, intrinsics.fy]) / half_diagonal
            _, shift = find_shift(*points, uv.numpy(), focal.double().numpy())
        elif found is None:
            raise EngineError(
                "bad_depth",
                "MoGe-2 cannot find the focal length of this picture; specify the camera.",
            )
        intrinsics = intrinsics or found
        z = z + shift
        there &= z > 0
        meters = 1.0 if answer.scale is None else float(answer.scale)
        depth = torch.where(there, z * meters, 0)
        device, normals = answer.points.device, answer.normals
        if normals is not None:
            normals = normals * there.to(device)
        depth = depth[None, None].to(device)
        return MetricEstimate(
            depth,
            intrinsics,
            unproject(depth, intrinsics),
            normals,
            None if answer.mask is None else 1 - answer.mask,
            found,
        )


def _perceptron(dims: list[int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width, output in zip(dims[:-1], dims[1:], strict=True):
        layers += [nn.Linear(width, output), nn.ReLU()]
    return layers[:-1]


def _pixel_centers(height: int, width: int) -> torch.Tensor:
    """(height, width, 2) of u and v in pixels."""
    across, down = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    return torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1)


def _exponential(points: torch.Tensor) -> torch.Tensor:
    z = points[:, 2:].exp()
    return torch.cat([points[:, :2] * z, z], dim=1)


REMAPS = {
    "linear": lambda points: points,
    "exp": _exponential,
    "sinh": torch.sinh,
    "sinh_exp": lambda points: torch.cat([points[:, :2].sinh(), points[:, 2:].exp()], dim=1),
}
