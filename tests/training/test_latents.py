import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.latents import draw_latents, kept_latents  # noqa: E402


def test_latents_are_encoded_once_for_what_determines_them(tmp_path):
    path, calls = tmp_path / "new" / "latents.safetensors", []

    def encoded():
        calls.append(1)
        return [
            (torch.full((2, 4, 4, 3, 5), float(i)).half(), torch.full((2, 2, 4, 3, 5), -1.0 - i))
            for i in range(2)
        ]

    first = kept_latents(path, {"frames": 2}, encoded)
    again = kept_latents(path, {"frames": 2}, encoded)
    assert len(calls) == 1
    for one, other in zip(first, again, strict=True):
        assert all(torch.equal(*pair) for pair in zip(one, other, strict=True))
    kept_latents(path, {"frames": 3}, encoded)
    assert len(calls) == 2
    path.write_bytes(path.read_bytes()[:50])  # the power failed
    kept_latents(path, {"frames": 3}, encoded)
    assert len(calls) == 3


def test_a_drawn_depth_is_that_of_its_picture():
    frames = torch.arange(6).view(6, 1, 1, 1, 1).expand(6, 4, 4, 2, 2).half()
    sides = torch.tensor([0, 0, 1, 1]).view(1, 4, 1, 1, 1)  # plain, plain, mirrored, mirrored
    pictures = frames + 10 * sides
    depths = frames[:, :2] + 10 * torch.tensor([0, 1]).view(1, 2, 1, 1, 1)
    drawn = draw_latents([(pictures, depths)], 64, np.random.default_rng(0))
    assert torch.equal(*drawn) and drawn[0].dtype == torch.float32
    assert len(drawn[0].unique()) == 12
