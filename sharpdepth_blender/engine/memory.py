"""What is done, one step after another, when a device's memory is full."""

from collections.abc import Iterator

from .device import free_memory
from .method import vae_factor

TILE = 512  # pixels of the picture that the autoencoder sees at once
SMALLEST = 256  # pixels of the longer side; with fewer the networks see too little of a picture


class Memory:
    """How sparing the networks of one model are with a device's memory.

    A step that was taken stays in force, so that the frames of a sequence are made alike.

    Args:
        pipeline: Its networks are those that can be spared.
        device: `cuda`, `mps` or `cpu`.

    Attributes:
        offloading: Whether each network is on the device only while it works.
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
        """A sentence for every step that is in force."""
        return list(self._notes.values())

    def resolution(self, height: int, width: int, wanted: int) -> int:
        """Processing resolution in pixels for a picture: what is wanted, as far as memory allows.

        Args:
            height: Of the picture, pixels.
            width: Likewise.
            wanted: 0 for the picture's own.
        """
        self._wanted = wanted or max(height, width)
        return wanted if self._limit is None else min(self._wanted, self._limit)

    def next_fallback(self) -> str | None:
        """Take the next step and say so in a sentence; None when there is none left.

        To be called outside of the handler of the error, whose traceback holds on to tensors.
        """
        free_memory(self._device)
        return next(self._steps, None)

    def rest(self) -> None:
        """Take networks that are offloaded from the device, now that a picture is done."""
        if self.offloading:
            self._pipeline.maybe_free_model_hooks()

    def _take_steps(self) -> Iterator[str]:
        vae = getattr(self._pipeline, "vae", None)
        if vae is not None:
            vae.enable_slicing()
            vae.enable_tiling()
            # The library's own tiles are as large as what the autoencoder was trained on.
            vae.tile_sample_min_size = TILE
            vae.tile_latent_min_size = TILE // vae_factor(vae)
            yield self._note(
                "tiles", f"the autoencoder works in tiles of {TILE} px, a little less exactly"
            )
            if self._device != "cpu":
                self.offloading = True
                self._pipeline.enable_model_cpu_offload(device=self._device)
                yield self._note(
                    "offload", "networks are on the device only while they work, which takes longer"
                )
        while (smaller := min(self._wanted, self._limit or self._wanted) * 3 // 4) >= SMALLEST:
            self._limit = smaller
            yield self._note("resolution", f"the picture is processed at {smaller} px")

    def _note(self, step: str, what: str) -> str:
        self._notes[step] = f"The memory of {self._device} was full: {what}."
        return self._notes[step]
