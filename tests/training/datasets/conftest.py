import numpy as np
import pytest


@pytest.fixture
def save_rgb():
    """Writes a picture of noise (height, width) and returns it."""
    from PIL import Image

    def save(path, height, width):
        rgb = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rgb).save(path)
        return rgb

    return save


@pytest.fixture
def save_sixteen_bits():
    """Writes whole numbers as a 16-bit gray PNG."""
    from PIL import Image

    def save(path, values):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(values, np.uint16)).save(path)

    return save


@pytest.fixture
def cut():
    """Leaves the first half of a file."""

    def halve(path):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return halve
