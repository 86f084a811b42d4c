"""Seed ranges of the splits. A procedural scene is one seed, so no scene is in two splits."""

SEEDS_OF_SPLIT = {
    "train": range(0, 1_000_000),
    "distill": range(1_000_000, 2_000_000),
    "validation": range(2_000_000, 3_000_000),
    "test": range(3_000_000, 4_000_000),
}


def seeds(split: str, count: int) -> range:
    """Return the first `count` seeds of a split."""
    return SEEDS_OF_SPLIT[split][:count]
