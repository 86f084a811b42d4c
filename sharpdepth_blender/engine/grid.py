"""Mapping between picture pixels and network input pixels."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..geometry import Intrinsics


@dataclass(frozen=True)
class Grid:
    """Resize to `inner_height` x `inner_width`, then pad at the bottom and on the right.

    Sizes are in pixels. Intrinsics put the top-left pixel center at (0.5, 0.5), so resizing scales
    them and padding does not change them.
    """

    height: int
    width: int
    inner_height: int
    inner_width: int
    pad_height: int
    pad_width: int

    @classmethod
    def fit(cls, height: int, width: int, resolution: int, multiple: int) -> "Grid":
        """Return the grid with `resolution` as its longer side, even if that upscales the picture.

        0 keeps the picture's own size. The shorter side is rounded down as in the released code,
        but to at least one pixel.
        """
        longer = max(height, width)
        target = resolution or longer
        inner = [max(1, side * target // longer) for side in (height, width)]
        return cls(height, width, *inner, *(-side % multiple for side in inner))

    def resize(self, image: torch.Tensor) -> torch.Tensor:
        """Resize (1, C, height, width) to the grid, antialiased, with edge padding."""
        size = (self.inner_height, self.inner_width)
        if image.shape[2:] != size:
            image = F.interpolate(image, size, mode="bilinear", antialias=True)
        return F.pad(image, (0, self.pad_width, 0, self.pad_height), mode="replicate")

    def crop(self, image: torch.Tensor) -> torch.Tensor:
        """Remove the padding from (1, C, h, w)."""
        return image[:, :, : self.inner_height, : self.inner_width]

    def restore(self, image: torch.Tensor, mode: str = "bilinear") -> torch.Tensor:
        """Remove the padding from (1, C, h, w) and resize it to picture size."""
        image = self.crop(image)
        if image.shape[2:] == (self.height, self.width):
            return image
        return F.interpolate(image, (self.height, self.width), mode=mode)

    def resize_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the picture to the grid, padding included."""
        resized = intrinsics.resized(self.inner_width, self.inner_height)
        return replace(
            resized,
            width=self.inner_width + self.pad_width,
            height=self.inner_height + self.pad_height,
        )

    def restore_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the grid to the picture."""
        inner = replace(intrinsics, width=self.inner_width, height=self.inner_height)
        return inner.resized(self.width, self.height)
