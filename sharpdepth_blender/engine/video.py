"""Video: a loaded network that looks at the frames of a window together."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from .device import as_engine_error, choose_device
from .errors import EngineError
from .models import find_weights
from .picture import read_picture
from .video_depth import load_video_depth


class VideoDepth:
    """A loaded network for video.

    Attributes:
        device: `cuda`, `mps` or `cpu`.
    """

    def __init__(self, network, device: str):
        self.device = device
        self._network = network

    @classmethod
    def load(cls, model: str, device: str = "auto") -> "VideoDepth":
        """Load a network onto a device.

        Args:
            model: Name of weights, or their folder.
            device: As of `SharpDepth.load`.

        Raises:
            EngineError: `unknown_model`, `weights_missing`, `device_missing` or `out_of_memory`.
        """
        chosen = choose_device(device)
        with as_engine_error(chosen):
            return cls(load_video_depth(find_weights(model)).to(chosen), chosen)

    def look(
        self, pictures: Sequence[str], progress: Callable[[float], None] | None = None
    ) -> np.ndarray:
        """Estimate the relative disparity of a window.

        Args:
            pictures: Files of its frames, of one size.
            progress: Called with 0..1; an exception that it raises cancels.

        Returns:
            (frames, h, w) float32 at the network's own size, 0 or more, larger for what is nearer.

        Raises:
            EngineError: `bad_image`, if a file cannot be read or has another size, or
                `out_of_memory`.
        """
        seen: list[torch.Tensor] = []
        for number, path in enumerate(pictures):
            if progress:
                progress(0.2 * number / len(pictures))
            rgb = torch.from_numpy(read_picture(path).rgb).permute(2, 0, 1)[None].float()
            seen.append(self._network.seen(rgb))
            if seen[-1].shape != seen[0].shape:
                raise EngineError("bad_image", f"{path} has another size than the other frames.")
        if progress:
            progress(0.2)
        with as_engine_error(self.device):
            return self._network.predict(torch.cat(seen).to(self.device)).cpu().numpy()
