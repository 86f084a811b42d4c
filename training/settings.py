"""Config tables: the typed settings of each stage."""

from dataclasses import dataclass, field, replace
from typing import Any


class ConfigError(ValueError):
    """The config is invalid: not TOML, an unknown or missing key, or a value of the wrong type."""


@dataclass
class Render:
    """Table `render`: synthetic frames.

    Attributes:
        source: `procedural`, `world`, `open` for the open .blend file, or the path to one.
        samples: Cycles samples per pixel, before denoising.
        farthest: Depth of the sky and of everything beyond, meters.
        jobs: Parallel Blender processes, one thread each.
        train: Number of frames in the training split.
        distill: Number of frames in the distillation split.
        validation: Number of frames in the validation split.
        test: Number of frames in the test split.
    """

    source: str
    samples: int
    farthest: float
    jobs: int
    train: int
    distill: int
    validation: int
    test: int


@dataclass
class Metric:
    """Table `metric`: f_D.

    Attributes:
        widths: Channels of the four levels.
        attention_blocks: Attention blocks at the coarsest level.
        steps: Optimizer steps.
        half_size_steps: Number of first steps at half size.
        batch: Frames per step.
        learning_rate: Peak learning rate.
        warmup: Steps to reach the peak.
        weight_decay: Weight decay of the optimizer.
        average: EMA decay.
        measured_share: Fraction of pixels with supervision.
        validate_every: Steps between validations.
        pretrained: Whether f_D is the network on an encoder with ImageNet weights, which also finds
            the sky; `widths` are then those of its decoder.
        encoder_share: Learning rate of that encoder's later stages, relative to the others; the
            first stages keep their weights, and all do at 0.
        begin: Folder of a model of the same shape to train further; empty to begin with a new one.
        begin_share: Share of that model's weights in the mean that is saved.
        resolution: Longer side at which f_D works, pixels; None: `processing_resolution`.
        photographic: Whether pictures are varied as cameras and files do, not in color only.
        shape_weight: Weight of the loss on depth after median scaling.
        gradient_weight: Weight of the loss on the derivatives of log depth.
        normal_weight: Weight of the loss on surface normals.
        sky_weight: Weight of the loss on the sky; the sky never counts as depth then.
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
    pretrained: bool = False
    encoder_share: float = 0.0
    begin: str = ""
    begin_share: float = 0.0
    resolution: int | None = None
    photographic: bool = False
    shape_weight: float = 0.0
    gradient_weight: float = 0.0
    normal_weight: float = 0.0
    sky_weight: float = 0.0

    def __post_init__(self):
        if self.begin and not self.pretrained:
            raise ConfigError("metric.begin needs metric.pretrained = true")
        if self.sky_weight and not self.pretrained:
            raise ConfigError("metric.sky_weight needs metric.pretrained = true: only it has a sky")


@dataclass
class Vae:
    """Table `vae`: the autoencoder.

    Attributes:
        widths: Channels of the levels.
        steps: Optimizer steps.
        batch: Crops per step, half of them pictures, half depth maps.
        crop: Side of a crop, pixels.
        learning_rate: Peak learning rate.
        warmup: Steps to reach the peak.
        weight_decay: Weight decay of the optimizer.
        gradient_weight: Weight of the gradient loss.
        nearness_weight: Weight of the losses on inverse depth, relative to depth.
        kl_weight: Weight of the KL divergence from a normal distribution.
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
        widths: Channels of the levels.
        steps: Optimizer steps.
        batch: Latents per step.
        learning_rate: Peak learning rate.
        warmup: Steps to reach the peak.
        weight_decay: Weight decay of the optimizer.
        average: EMA decay.
        color_variants: Varied copies of each picture, encoded once.
        photographic: Whether pictures are varied as cameras and files do, not in color only.
        small_steps: Number of first steps, on frames of `small_resolution`.
        small_resolution: Their longer side, pixels; needed if there are such steps.
        begin: Folder of a U-Net of the same shape and autoencoder to train further; empty to begin
            with a new one.
    """

    widths: list[int]
    steps: int
    batch: int
    learning_rate: float
    warmup: int
    weight_decay: float
    average: float
    color_variants: int
    photographic: bool = False
    small_steps: int = 0
    small_resolution: int | None = None
    begin: str = ""

    def __post_init__(self):
        if self.small_steps and not self.small_resolution:
            raise ConfigError("diffusion.small_steps needs diffusion.small_resolution")


@dataclass
class Distill:
    """Table `distill`: the sharpener G.

    Attributes:
        start: `stages`: f_G, autoencoder and f_D from the earlier stages; `weights`: the weights
            named by `lotus` and `metric`; `random`: a dry run with full-size random networks.
        pictures: Folder of pictures; empty to use the rendered frames of the distill split.
        seed: Seed for all randomness of this stage.
        steps: Optimizer steps.
        validate_every: Steps between validations.
        accumulation: Pictures per step on each device.
        learning_rate: Peak learning rate per picture of a step, counted over all devices.
        warmup: Steps to reach the peak.
        weight_decay: Weight decay of the optimizer.
        average: EMA decay.
        score_weight: Weight of the score distillation loss.
        reconstruction_weight: Weight of the reconstruction loss.
        gated_share: Fraction of steps that start from the gated mix; the others use pure noise.
        gradient_checkpointing: Whether to save memory at the cost of speed.
        lora_rank: If positive, train adapters of this rank instead of all weights.
        lotus: Name or folder of a Lotus-G, for `weights`.
        metric: Name or folder of a metric estimator, for `weights`.

    Raises:
        ConfigError: `start` is not one of the three, or `weights` lacks one of the names.
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
    """Table `evaluate`: the datasets that all methods are measured on.

    Attributes:
        split: Split of the rendered frames; empty for none.
        datasets: Other datasets, as `kind:folder`.
        seed: Seed for the noise and for the bootstrap.
        shown: Sample pictures per dataset in the report.
    """

    split: str
    datasets: list[str]
    seed: int
    shown: int


@dataclass
class Config:
    """Settings of a whole run. A stage whose table is None is not part of the run.

    Attributes:
        seed: Seed for all randomness, unless a table has its own.
        folder: Folder for frames, states, models and results.
        processing_resolution: Longer side of the pictures, pixels.
        depth_space: Space in which the sharpener's depth is normalized: `linear`, as published,
            `log` or `inverse`. The sky counts as barely behind what is farthest in the others.
        render: Table of the stage `render`.
        metric: Table of the stage `metric`.
        vae: Table of the stage `vae`.
        diffusion: Table of the stage `diffusion`.
        distill: Table of the stage `distill`.
        variants: For each variant of the run, the `distill` settings that it overrides.
        evaluate: Table of the stage `evaluate`.

    Raises:
        ConfigError: the settings of a variant are invalid, or `depth_space` is none.
    """

    seed: int
    folder: str
    processing_resolution: int
    depth_space: str = "linear"
    render: Render | None = None
    metric: Metric | None = None
    vae: Vae | None = None
    diffusion: Diffusion | None = None
    distill: Distill | None = None
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluate: Evaluate | None = None

    def __post_init__(self):
        if self.depth_space not in ("linear", "log", "inverse"):
            raise ConfigError(
                f'depth_space must be "linear", "log" or "inverse", not "{self.depth_space}"'
            )
        if self.variants and not self.distill:
            raise ConfigError("the config has [variants] but no table [distill]")
        for name in self.variants:
            self.variant(name)

    def variant(self, name: str) -> Distill:
        """Return the `distill` settings of a variant.

        Raises:
            ConfigError: its settings are invalid.
        """
        return replace(self.distill, **self.variants[name])
