"""Stepwise fallbacks when a device runs out of memory."""

from collections.abc import Iterator

from .device import free_memory
from .method import vae_factor

TILE = 512  # tile side of the autoencoder, pixels
SMALLEST = 256  # minimum longer side, pixels; below it the networks see too little


class Memory:
    """Memory-saving fallbacks for the networks of one model.

    A fallback stays in effect once taken, so that all frames of a sequence are treated alike.

    Args:
        pipeline: Pipeline whose networks can be offloaded and tiled.
        device: `cuda`, `mps` or `cpu`.

    Attributes:
        offloading: Whether each network is on the device only while it runs.
    """

    def __init__(self, pipeline, device: str):
        self.offloading = False
        self._pipeline = pipeline
        self._device = device
        self._limit: int | None = None
        self._wanted = 0
        self._notes: dict[str, str] = {}
        self._steps = self._take_steps()

    @property
    def notes(self) -> list[str]:
        """One sentence per fallback in effect."""
        return list(self._notes.values())

    def resolution(self, height: int, width: int, wanted: int) -> int:
        """Return the processing resolution in pixels, limited by memory.

        Args:
            height: Picture height, pixels.
            width: Picture width, pixels.
            wanted: Requested resolution; 0 = the picture's own.
        """
        self._wanted = wanted or max(height, width)
        return wanted if self._limit is None else min(self._wanted, self._limit)

    def next_fallback(self) -> str | None:
        """Take the next fallback and describe it in a sentence; None if there is none left.

        Call it outside the exception handler, because the traceback keeps tensors alive.
        """
        free_memory(self._device)
        return next(self._steps, None)

    def rest(self) -> None:
        """Move offloaded networks off the device after a picture."""
        if self.offloading:
            self._pipeline.maybe_free_model_hooks()

    def _take_steps(self) -> Iterator[str]:
        vae = getattr(self._pipeline, "vae", None)
        if vae is not None:
            vae.enable_tiling()
            # By default tiles are as large as the pictures in the autoencoder's training.
            vae.tile_sample_min_size = TILE
            vae.tile_latent_min_size = TILE // vae_factor(vae)
            yield self._note(
                "tiles", f"the autoencoder runs in tiles of {TILE} px, slightly less accurately"
            )
            if self._device != "cpu":
                self.offloading = True
                self._pipeline.enable_model_cpu_offload(device=self._device)
                yield self._note(
                    "offload", "networks are on the device only while they run, which is slower"
                )
        while (smaller := min(self._wanted, self._limit or self._wanted) * 3 // 4) >= SMALLEST:
            self._limit = smaller
            yield self._note("resolution", f"the picture is processed at {smaller} px")

    def _note(self, step: str, what: str) -> str:
        self._notes[step] = f"Out of memory on {self._device}: {what}."
        return self._notes[step]
