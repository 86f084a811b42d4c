"""What distillation draws: every picture once an epoch, the same whoever asks, and when."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from accelerate.data_loader import prepare_data_loader  # noqa: E402

from training.datasets import Picture  # noqa: E402
from training.distill_dataset import DistillDataset, load_draws  # noqa: E402


def picture(index, height=30, width=40, known=True):
    """A picture whose color is its index, and which is brighter on the left."""
    rgb = np.full((height, width, 3), 20 * index + 10, np.uint8)
    camera = (50.0, 50.0, 15.0, 16.0) if known else None
    return Picture(name=str(index), rgb=rgb, intrinsics=camera)


@pytest.fixture
def draws():
    return DistillDataset([picture(i) for i in range(7)], seed=3, resolution=40, multiple=8)


def order(draws, epoch):
    """Which picture each draw of an epoch shows, by its mean brightness before it varied."""
    rng = np.random.default_rng([draws.seed, 0, epoch])
    return list(rng.permutation(len(draws.pictures)))


def test_each_epoch_has_every_picture_once_in_an_order_of_its_own(draws):
    assert sorted(order(draws, 0)) == sorted(order(draws, 1)) == list(range(7))
    assert order(draws, 0) != order(draws, 1)


def test_a_draw_follows_from_its_number_alone(draws):
    number, first, camera = draws[9]
    again = DistillDataset([picture(i) for i in range(7)], seed=3, resolution=40, multiple=8)[9]
    assert number == again[0] == 9 and camera == again[2]
    assert torch.equal(first, again[1])
    assert not torch.equal(first, draws[2][1])  # the same picture of another epoch, or another


def test_pictures_are_brought_to_size_with_their_cameras():
    small = DistillDataset([picture(1, 90, 60)], seed=0, resolution=48, multiple=32)
    for number in range(6):
        _, image, (fx, fy, cx, cy) = small[number]
        assert image.shape == (1, 3, 64, 32)
        assert 0 <= image.min() and image.max() <= 1
        assert fx == fy == pytest.approx(50 * 48 / 90)
        # Mirrored, the principal point is mirrored in the padded picture.
        assert cx in (pytest.approx(15 * 48 / 90), pytest.approx(32 - 15 * 48 / 90))
        assert cy == pytest.approx(16 * 48 / 90)
    assert len({small[number][2].cx for number in range(6)}) == 2


def test_an_unknown_camera_stays_unknown():
    assert DistillDataset([picture(0, known=False)], 0, 40, 8)[0][2] is None


def test_a_resumed_loader_goes_on_where_it_stopped(draws):
    whole = [(number, image) for number, image, _ in load_draws(draws, 0, 12, 0)]
    rest = [(number, image) for number, image, _ in load_draws(draws, 5, 12, 0)]
    assert [number for number, _ in rest] == list(range(5, 12))
    for (number, image), (expected, other) in zip(rest, whole[5:], strict=True):
        assert number == expected and torch.equal(image, other)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_the_draws_without_overlap(draws, processes):
    shares = [
        [
            number
            for number, *_ in prepare_data_loader(
                load_draws(draws, 6, 18, 0), num_processes=processes, process_index=index
            )
        ]
        for index in range(processes)
    ]
    assert sorted(number for share in shares for number in share) == list(range(6, 18))
    assert all(len(share) == 12 // processes for share in shares)
    # Step by step the processes see together what one process would.
    for step in range(12 // processes):
        assert sorted(share[step] for share in shares) == list(
            range(6 + step * processes, 6 + (step + 1) * processes)
        )
