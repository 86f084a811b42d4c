"""Properties of models in words: what they give, what they take, what they cost."""

from .catalogue import CAMERAS, MEASURED, Preset, Use, Weights

UNMEASURED = "not measured here"


def abilities(weights: Weights) -> str:
    """What a metric estimator finds besides depth, and what a known camera does to its depth.

    Empty for other weights.
    """
    if weights.camera is None:
        return ""
    found = f"finds {', '.join(weights.gives)}" if weights.gives else "finds depth only"
    return f"{found}; a known camera {CAMERAS[weights.camera]}"


def seconds(name: str) -> str:
    """Processor seconds of a model for a picture of 768 px, as of `Measured`."""
    return f"{MEASURED[name].seconds:.0f} s" if name in MEASURED else UNMEASURED


def memory(name: str) -> str:
    """Memory that a model takes for it, likewise."""
    return f"{MEASURED[name].memory / 1e9:.1f} GB" if name in MEASURED else UNMEASURED


def cost(name: str) -> str:
    """Both in a clause."""
    if name not in MEASURED:
        return "its time and memory were not measured here"
    return f"768 px take {seconds(name)} of one CPU core and {memory(name)} of memory"


def proposal(use: Use) -> str:
    """What is proposed for a use, with the reason: the start of a sentence."""
    parts = [use.preset]
    if use.map or use.estimator:
        parts.append("your map" if use.map else str(use.estimator))
    return f"{' with '.join(parts)}: {use.reason}"


def method(preset: Preset) -> str:
    """What is combined in a preset."""
    if preset.method == "refine":
        return f"{preset.network} with your map"
    return " and ".join(name for name in (preset.network, preset.estimator, preset.video) if name)


def licenses(preset: Preset) -> str:
    """The license of each of a preset's weights."""
    return ", ".join(f"{each.name} ({each.license})" for each in preset.weights)


def published(model: Preset | Weights) -> str:
    """Published figures of a model with their source."""
    return model.figures or "none found"
