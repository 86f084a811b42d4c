"""Reduction: by how much a picture that is too large is made smaller."""

MOST_PIXELS = 178_956_970  # what Pillow takes for an attack beyond
MOST_DECODED = 1_000_000_000  # pixels that are ever decoded to be made smaller


def reduction(width: int, height: int) -> int:
    """The power of two by which a picture's sides are divided so that it is not too large."""
    factor = 1
    while -(-width // factor) * -(-height // factor) > MOST_PIXELS:
        factor *= 2
    return factor


def reduced_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of a picture after its reduction, rounded up."""
    factor = reduction(width, height)
    return -(-width // factor), -(-height // factor)


REDUCED = "{name} has {width} x {height} pixels and is used at {smaller} x {lower}."
