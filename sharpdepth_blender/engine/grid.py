"""The way between a picture's own pixels and the pixels that the networks see."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..geometry import Intrinsics


@dataclass(frozen=True)
class Grid:
    """Resize to `inner_height` x `inner_width`, then padding at the bottom and on the right.

    Sizes are pixels. Intrinsics put the center of the top-left pixel at (0.5, 0.5), so resizing
    scales them and this padding leaves them alone.
    """

    height: int
    width: int
    inner_height: int
    inner_width: int
    pad_height: int
    pad_width: int

    @classmethod
    def fit(cls, height: int, width: int, resolution: int, multiple: int) -> "Grid":
        """Grid whose longer side is `resolution` (0 = the picture's own), also when that is larger.

        The shorter side is rounded down as in the release, but to no less than one pixel.
        """
        longer = max(height, width)
        target = resolution or longer
        inner = [max(1, side * target // longer) for side in (height, width)]
        return cls(height, width, *inner, *(-side % multiple for side in inner))

    def resize(self, image: torch.Tensor) -> torch.Tensor:
        """Bring (1, C, height, width) onto the grid, antialiased, edges repeated in the padding."""
        size = (self.inner_height, self.inner_width)
        if image.shape[2:] != size:
            image = F.interpolate(image, size, mode="bilinear", antialias=True)
        return F.pad(image, (0, self.pad_width, 0, self.pad_height), mode="replicate")

    def crop(self, image: torch.Tensor) -> torch.Tensor:
        """Take the padding off (1, C, h, w)."""
        return image[:, :, : self.inner_height, : self.inner_width]

    def restore(self, image: torch.Tensor, mode: str = "bilinear") -> torch.Tensor:
        """Take the padding off (1, C, h, w) and bring it to the picture's own size."""
        image = self.crop(image)
        if image.shape[2:] == (self.height, self.width):
            return image
        return F.interpolate(image, (self.height, self.width), mode=mode)

    def resize_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Intrinsics of the picture as they are on the grid, padding included."""
        resized = intrinsics.resized(self.inner_width, self.inner_height)
        return replace(
            resized,
            width=self.inner_width + self.pad_width,
            height=self.inner_height + self.pad_height,
        )

    def restore_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Intrinsics of the grid as they are in the picture."""
        inner = replace(intrinsics, width=self.inner_width, height=self.inner_height)
        return inner.resized(self.width, self.height)
