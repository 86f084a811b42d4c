"""The distillation step against the numbers of the released training code."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import hashlib  # noqa: E402

from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel  # noqa: E402

from sharpdepth_blender.engine.prompt import load_empty_prompt  # noqa: E402
from training.distillation import LossWeights, distillation_step  # noqa: E402
from training.losses import (  # noqa: E402
    gradient_loss,
    log_depth_loss,
    log_gradient_loss,
    normal_loss,
    reconstruction_loss,
    shape_loss,
    sky_loss,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = ("mix", "noise", "mix_noema", "mix_b2")


def fill(name, shape):
    """Weights that follow from their name alone, as those that made the golden numbers did."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    count = int(np.prod(shape))
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal(count, dtype=np.float32)
    z, leaf = z.reshape(shape), name.rsplit(".", 1)[-1]
    if len(shape) >= 2:
        return z * np.float32(1 / np.sqrt(np.prod(shape[1:])))
    if leaf == "weight":
        return np.float32(1) + np.float32(0.1) * z
    return np.float32(0.01) * z


def filled_unet(prefix):
    unet = UNet2DConditionModel.from_config(
        UNet2DConditionModel.load_config(GOLDEN / "tiny_sharpdepth" / "unet")
    )
    weights = {
        key: torch.from_numpy(fill(prefix + key, tuple(value.shape)))
        for key, value in unet.state_dict().items()
    }
    unet.load_state_dict(weights)
    return unet.eval()


@pytest.fixture(scope="module")
def models():
    folder = GOLDEN / "tiny_sharpdepth"
    return {
        "student": filled_unet("unet/"),
        "mean": filled_unet("ema_unet/"),
        "teacher": filled_unet("lotus_unet/").requires_grad_(False),
        "vae": AutoencoderKL.from_pretrained(folder / "vae").eval().requires_grad_(False),
        "scheduler": DDIMScheduler.from_pretrained(folder / "scheduler"),
        "prompt": load_empty_prompt(folder),
    }


@pytest.mark.parametrize("case", CASES)
def test_step_equals_the_released_one(models, case):
    with np.load(GOLDEN / "sharpdepth_train.npz") as data:
        golden = {k.split("/", 1)[1]: data[k] for k in data.files if k.startswith(case + "/")}
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in golden.items()}
    student = models["student"]
    student.zero_grad()
    noises = [tensors[name] for name in ("noise1_lotus_input", "noise2_mix", "noise3_sds")]
    looks = distillation_step(
        student,
        student if case == "mix_noema" else models["mean"],
        models["teacher"], models["vae"], models["scheduler"], models["prompt"],
        tensors["rgb_u8"].float() / 255, tensors["unidepth_depth"], noises,
        gated=float(golden["rand_value"]) < 0.8, weights=LossWeights(1, 0.4),
    )  # fmt: skip
    looks.loss.backward()

    assert looks.score.item() == pytest.approx(float(golden["sds_loss"]), rel=1e-5)
    assert looks.reconstruction.item() == pytest.approx(float(golden["depth_loss"]), rel=1e-5)
    assert looks.loss.item() == pytest.approx(float(golden["loss"]), rel=1e-5)
    norm = sum(p.grad.double().pow(2).sum() for p in student.parameters()).sqrt()
    assert norm.item() == pytest.approx(float(golden["grad_norm"]), rel=1e-4)
    gradients = {k[5:]: v for k, v in golden.items() if k.startswith("grad/")}
    assert len(gradients) == 6
    parameters = dict(student.named_parameters())
    for name, expected in gradients.items():
        limit = 1e-4 * np.abs(expected).max()
        np.testing.assert_allclose(parameters[name].grad.numpy(), expected, rtol=0, atol=limit)
    for frozen in ("mean", "teacher", "vae"):
        assert all(p.grad is None for p in models[frozen].parameters())


def test_reconstruction_weighs_by_disagreement():
    prediction = torch.tensor([[[[1.0, 0.0]]]])
    normalized = torch.tensor([[[[-1.0, 0.0]]]])
    error = torch.tensor([[[[1.0, 0.0]]]])
    assert reconstruction_loss(prediction, normalized, error).item() == pytest.approx(1.0)
    assert reconstruction_loss(prediction, normalized, 1 - error).item() == 0.0


def test_log_depth_loss_sees_only_measured_pixels():
    logarithm = torch.tensor([[[[0.0, 5.0]]]])
    depth = torch.tensor([[[[np.e, 1.0]]]])
    measured = torch.tensor([[[[True, False]]]])
    assert log_depth_loss(logarithm, depth, measured).item() == pytest.approx(1.0)


def test_gradient_loss_ignores_a_constant_offset():
    target = torch.rand(1, 1, 8, 8)
    assert gradient_loss(target + 3, target).item() == pytest.approx(0, abs=1e-6)
    assert gradient_loss(2 * target, target).item() > 0.1


def tilted_plane(height, width, slope, scale=1.0):
    """Depth of a plane that recedes to the right, and the rays of a camera before it."""
    x = (torch.arange(width) + 0.5 - width / 2) / width
    y = (torch.arange(height) + 0.5 - height / 2) / width
    rays = torch.stack([x.expand(height, -1), y[:, None].expand(-1, width)])[None]
    return scale * 2 / (1 - slope * rays[:, :1]), rays


def test_the_shape_loss_is_blind_to_scale():
    depth, _ = tilted_plane(12, 20, 0.5)
    known = torch.ones_like(depth, dtype=torch.bool)
    assert shape_loss((7.3 * depth).log(), depth, known) < 1e-5
    wrong = depth.log().clone()
    wrong[..., 10:] += 0.4  # half of the pixels; the median is one of the halves
    assert shape_loss(wrong, depth, known).item() == pytest.approx(0.2, abs=1e-4)
    assert shape_loss(wrong, depth, torch.zeros_like(known)) == 0


def test_log_gradients_count_where_both_pixels_are_known():
    depth = torch.ones(1, 1, 8, 8)
    ramp = 0.1 * torch.arange(8.0).expand(1, 1, 8, 8)
    known = torch.ones_like(depth, dtype=torch.bool)
    # The mean over strides of a slope of 0.1 per pixel in one direction, none in the other.
    expected = (0.1 + 0.2 + 0.4) / 3
    found = log_gradient_loss(ramp, depth, known, strides=(1, 2, 4))
    assert found.item() == pytest.approx(expected, abs=1e-5)
    step = torch.zeros(1, 1, 8, 8)
    step[..., 4:] = 1
    beside = known.clone()
    beside[..., 4] = False
    assert log_gradient_loss(step, depth, beside, strides=(1,)) == 0


def test_normals_are_those_of_the_plane_whatever_its_scale():
    depth, rays = tilted_plane(24, 32, 0.0)
    other, _ = tilted_plane(24, 32, 1.0, scale=3.0)
    known = torch.ones_like(depth, dtype=torch.bool)
    assert normal_loss((5 * depth).log(), depth, rays, known) < 1e-5
    # z (1 - x / z) = const. is turned by 45 degrees.
    found = normal_loss(other.log(), depth, rays, known)
    assert found.item() == pytest.approx(1 - 2**-0.5, abs=1e-3)
    assert normal_loss(other.log(), depth, rays, torch.zeros_like(known)) == 0


def test_the_sky_is_learned_and_stays_behind_the_scene():
    depth = torch.full((1, 1, 4, 4), 10.0)
    sky = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    sky[..., :2, :] = True
    sure = torch.where(sky, 20.0, -20.0)
    behind, before = (torch.where(sky, each, 10.0).log() for each in (50.0, 5.0))
    assert sky_loss(sure, behind, depth, sky) < 1e-6
    assert sky_loss(torch.zeros_like(depth), behind, depth, sky).item() == pytest.approx(np.log(2))
    assert sky_loss(sure, before, depth, sky).item() == pytest.approx(0.2 * np.log(2), abs=1e-5)
