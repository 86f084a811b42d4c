"""The tables of a config: what each stage of a run is told, and of which type it is."""

from dataclasses import dataclass, field, replace
from typing import Any


class ConfigError(ValueError):
    """A file that is no config, a key that it does not have, or a value of another type."""


@dataclass
class Render:
    """Table `render`: synthetic frames.

    Attributes:
        source: `procedural`, `open` for the .blend that is open, or the path of one.
        samples: Of Cycles, before denoising.
        jobs: Blenders at once, one thread each.
        train: Frames of this split, like the three below.
        distill: Likewise.
        validation: Likewise.
        test: Likewise.
    """

    source: str
    samples: int
    jobs: int
    train: int
    distill: int
    validation: int
    test: int


@dataclass
class Metric:
    """Table `metric`: f_D.

    Attributes:
        widths: Channels of its four levels.
        attention_blocks: At the coarsest level.
        steps: Of the optimizer.
        half_size_steps: The first of them, at half the size.
        batch: Frames of a step.
        learning_rate: At its peak.
        warmup: Steps until then.
        weight_decay: Of the optimizer.
        average: Decay of the moving average.
        measured_share: Of the pixels that have a depth.
        validate_every: Steps between two validations.
    """

    widths: list[int]
    attention_blocks: int
    steps: int
    half_size_steps: int
    batch: int
    learning_rate: float
    warmup: int
    weight_decay: float
    average: float
    measured_share: float
    validate_every: int


@dataclass
class Vae:
    """Table `vae`: the autoencoder.

    Attributes:
        widths: Channels of its levels.
        steps: Of the optimizer.
        batch: Crops of a step, half of them pictures.
        crop: Side of a crop, pixels.
        learning_rate: At its peak.
        warmup: Steps until then.
        weight_decay: Of the optimizer.
        gradient_weight: Of the loss on gradients.
        nearness_weight: Of one over depth, beside depth.
        kl_weight: Of the divergence from a normal distribution.
    """

    widths: list[int]
    steps: int
    batch: int
    crop: int
    learning_rate: float
    warmup: int
    weight_decay: float
    gradient_weight: float
    nearness_weight: float
    kl_weight: float


@dataclass
class Diffusion:
    """Table `diffusion`: f_G.

    Attributes:
        widths: Channels of its levels.
        steps: Of the optimizer.
        batch: Latents of a step.
        learning_rate: At its peak.
        warmup: Steps until then.
        weight_decay: Of the optimizer.
        average: Decay of the moving average.
        color_variants: Of each picture, encoded once.
    """

    widths: list[int]
    steps: int
    batch: int
    learning_rate: float
    warmup: int
    weight_decay: float
    average: float
    color_variants: int


@dataclass
class Distill:
    """Table `distill`: the sharpener G.

    Attributes:
        start: `stages`: f_G, the autoencoder and f_D that were trained before; `weights`: those of
            `lotus` and `metric`; `random`: a dry run with random weights of the full size.
        pictures: Folder of them; empty for the frames that were rendered for it.
        seed: Of what is drawn.
        steps: Of the optimizer.
        validate_every: Steps between two validations.
        accumulation: Pictures of one step on each device.
        learning_rate: At its peak, for each picture of a step, on all devices.
        warmup: Steps until then.
        weight_decay: Of the optimizer.
        average: Decay of the moving average.
        score_weight: Of the score distillation loss.
        reconstruction_weight: Of the reconstruction loss.
        gated_share: Of the steps that look at the gated mix, the others at pure noise.
        gradient_checkpointing: Whether memory is saved at the cost of time.
        lora_rank: Above zero, adapters of this rank are trained instead of all weights.
        lotus: Name or folder of a Lotus-G, for `weights`.
        metric: Name or folder of a metric estimator, for `weights`.

    Raises:
        ConfigError: `start` is none of the three, or `weights` without both names.
    """

    start: str
    pictures: str
    seed: int
    steps: int
    validate_every: int
    accumulation: int
    learning_rate: float
    warmup: int
    weight_decay: float
    average: float
    score_weight: float
    reconstruction_weight: float
    gated_share: float
    gradient_checkpointing: bool
    lora_rank: int
    lotus: str | None = None
    metric: str | None = None

    def __post_init__(self):
        if self.start not in ("stages", "weights", "random"):
            raise ConfigError(
                f'distill.start must be "stages", "weights" or "random", not "{self.start}"'
            )
        if self.start == "weights" and not (self.lotus and self.metric):
            raise ConfigError('distill.start = "weights" needs distill.lotus and distill.metric')


@dataclass
class Evaluate:
    """Table `evaluate`: what all methods are measured on.

    Attributes:
        split: Of the rendered frames; empty for none of them.
        datasets: Others, as `kind:folder`.
        seed: Of the noise, and of the bootstrap.
        shown: Pictures of each that the report shows.
    """

    split: str
    datasets: list[str]
    seed: int
    shown: int


@dataclass
class Config:
    """A whole run. A table that is None belongs to a stage that the run does not have.

    Attributes:
        seed: Of everything that is drawn, unless a table has its own.
        folder: Of frames, states, models and results.
        processing_resolution: Longer side of the pictures, pixels.
        render: Its table, as those below.
        metric: Likewise.
        vae: Likewise.
        diffusion: Likewise.
        distill: Likewise.
        variants: For each name the keys of `distill` that a variant of the run has otherwise.
        evaluate: Its table.

    Raises:
        ConfigError: a variant is none that could be distilled.
    """

    seed: int
    folder: str
    processing_resolution: int
    render: Render | None = None
    metric: Metric | None = None
    vae: Vae | None = None
    diffusion: Diffusion | None = None
    distill: Distill | None = None
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluate: Evaluate | None = None

    def __post_init__(self):
        if self.variants and not self.distill:
            raise ConfigError("the config has variants of a table [distill] that it lacks")
        for name in self.variants:
            self.variant(name)

    def variant(self, name: str) -> Distill:
        """Return the table `distill` as a variant has it.

        Raises:
            ConfigError: it is none that could be distilled.
        """
        return replace(self.distill, **self.variants[name])
