import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import SaveError, SceneError, camera_intrinsics
from sharpdepth_blender.scene.export import export_splats
from sharpdepth_blender.scene.layers import layer_objects, split_result
from sharpdepth_blender.scene.picture import image_values
from tests.scene.export.plate import add_plate, everything
from tests.scene.export.test_decimated import add_street


def read_splats(path):
    """The Gaussians of a file, by the names of its fields."""
    head, body = path.read_bytes().split(b"end_header\n", 1)
    lines = head.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    names = [line.split()[2] for line in lines if line.startswith("property float ")]
    assert len(names) == len(lines) - 3
    table = np.frombuffer(body, "<f4").reshape(-1, len(names))
    assert lines[2] == f"element vertex {len(table)}"
    return names, dict(zip(names, table.T.astype(np.float64), strict=True))


def unpacked(found):
    """Centers, covariances, colors and opacities, as viewers take them from a file."""
    points = np.stack([found[name] for name in "xyz"], -1)
    scales = np.exp(np.stack([found[f"scale_{n}"] for n in range(3)], -1))
    w, x, y, z = np.stack([found[f"rot_{n}"] for n in range(4)])
    np.testing.assert_allclose(w * w + x * x + y * y + z * z, 1, atol=1e-5)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    axes = np.moveaxis(turn, -1, 0) * scales[:, None]
    colors = 0.5 + 0.28209479177387814 * np.stack([found[f"f_dc_{n}"] for n in range(3)], -1)
    return points, axes @ np.swapaxes(axes, 1, 2), colors, 1 / (1 + np.exp(-found["opacity"]))


def drawn(found, matrix, k):
    """The picture of Gaussians, and what light passes: the nearest first, each with its window.

    Args:
        found: Of `read_splats`.
        matrix: (4, 4) from the world to the camera, which looks along z, y down.
        k: Intrinsics.
    """
    points, covariances, colors, opacities = unpacked(found)
    turn = matrix[:3, :3]
    x, y, z = (points @ turn.T + matrix[:3, 3]).T
    zero = np.zeros_like(z)
    jacobian = np.array([[k.fx / z, zero, -k.fx * x / z**2], [zero, k.fy / z, -k.fy * y / z**2]])
    jacobian = np.moveaxis(jacobian, -1, 0) @ turn
    flat = jacobian @ covariances @ np.swapaxes(jacobian, 1, 2) + 0.3 * np.eye(2)
    inverse = np.linalg.inv(flat)
    u, v = k.fx * x / z + k.cx, k.fy * y / z + k.cy
    reach = np.ceil(3 * np.sqrt(np.linalg.eigvalsh(flat)[:, 1])).astype(int)
    picture, clear = np.zeros((k.height, k.width, 3)), np.ones((k.height, k.width))
    for n in np.argsort(z):
        if z[n] <= 0:
            continue
        left, right = max(0, int(u[n]) - reach[n]), min(k.width, int(u[n]) + reach[n] + 1)
        top, bottom = max(0, int(v[n]) - reach[n]), min(k.height, int(v[n]) + reach[n] + 1)
        if left >= right or top >= bottom:
            continue
        across = np.arange(left, right) + 0.5 - u[n]
        down = (np.arange(top, bottom) + 0.5 - v[n])[:, None]
        (a, b), (_, c) = inverse[n]
        power = -0.5 * (a * across**2 + c * down**2) - b * across * down
        alpha = np.minimum(0.99, opacities[n] * np.exp(power))
        alpha = np.where(alpha < 1 / 255, 0, alpha)
        here = slice(top, bottom), slice(left, right)
        picture[here] += (clear[here] * alpha)[..., None] * colors[n]
        clear[here] *= 1 - alpha
    return picture, clear


def camera_of(scene):
    """World to camera in the axes of the file, and the intrinsics."""
    matrix = np.array(scene.camera.matrix_world.normalized())
    matrix[:3, 3] *= scene.unit_settings.scale_length
    axes = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    pose = axes @ matrix @ np.diag([1, -1, -1, 1])
    return np.linalg.inv(pose), camera_intrinsics(scene, scene.camera)


def decibels(found, wanted):
    return -10 * np.log10(np.mean((found - wanted) ** 2))


def test_layers_look_like_the_plate(scene, tmp_path):
    scene.unit_settings.scale_length = unit = 0.01
    result, camera = add_street(scene)
    rig = split_result(scene, result, thresholds=(3.6, 10.5), sky=0.0, move=0.2)
    for each in (rig, scene.camera):
        each.rotation_euler = 1.3, 0.2, 0.7
        each.location = (np.array([0.5, -2.0, 1.5]) / unit).tolist()
    bpy.context.view_layer.update()
    before = everything()
    assert export_splats(tmp_path / "a.splat.ply", scene, layer_objects(rig)) == []
    assert everything() == before
    names, found = read_splats(tmp_path / "a.splat.ply")
    assert names == [
        *"xyz", "nx", "ny", "nz", *(f"f_dc_{n}" for n in range(3)),
        *(f"f_rest_{n}" for n in range(45)), "opacity", *(f"scale_{n}" for n in range(3)),
        *(f"rot_{n}" for n in range(4)),
    ]  # fmt: skip
    alphas = [image_values(obj["sharpdepth_layer_color"])[..., 3] for obj in layer_objects(rig)]
    assert len(found["x"]) == sum(int((alpha >= 1 / 255).sum()) for alpha in alphas)
    assert not any(found[f"f_rest_{n}"].any() for n in range(45))
    matrix, known = camera_of(scene)
    picture, clear = drawn(found, matrix, known)
    plate = image_values(rig["sharpdepth_layers_picture"])[..., :3]
    assert clear.max() < 0.02
    assert decibels(picture, plate) > 23  # its edges, of a pixel, are blurred by viewers
    assert np.median(np.abs(picture - plate)) < 0.008
    matrix[0, 3] -= 0.15  # from aside there is no hole either
    assert drawn(found, matrix, known)[1].max() < 0.1
    assert camera.fx == pytest.approx(known.fx)


def test_splats_of_a_floor_lie_on_it(scene, tmp_path):
    obj = add_plate(scene, "anamorphic")
    export_splats(tmp_path / "a.splat.ply", scene, [obj])
    _, found = read_splats(tmp_path / "a.splat.ply")
    matrix, known = camera_of(scene)
    points, covariances, colors, opacities = unpacked(found)
    here = points @ matrix[:3, :3].T + matrix[:3, 3]
    turned = matrix[:3, :3] @ covariances @ matrix[:3, :3].T
    u = known.fx * here[:, 0] / here[:, 2] + known.cx
    v = known.fy * here[:, 1] / here[:, 2] + known.cy
    np.testing.assert_allclose(u % 1, 0.5, atol=1e-3)
    np.testing.assert_allclose(v % 1, 0.5, atol=1e-3)
    far = (u < 10) & (v > 30)  # where depth is 4 + 0.01 x + 0.02 y
    ray = np.stack([here[:, 0] / here[:, 2], here[:, 1] / here[:, 2], np.ones(len(u))], -1)
    right = 0.01 * ray + here[:, 2:] * [1 / known.fx, 0, 0]
    down = 0.02 * ray + here[:, 2:] * [0, 1 / known.fy, 0]
    normal = np.cross(right, down)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    span = np.einsum("ni,nij,nj->n", normal, turned, normal)[far]
    wide = np.linalg.eigvalsh(turned)[far]
    np.testing.assert_allclose(span, wide[:, 0], rtol=1e-2)  # flat, and along the surface
    wanted = (
        np.linalg.eigvalsh(
            np.einsum("ni,nj->nij", right, right) + np.einsum("ni,nj->nij", down, down)
        )[far]
        / 4
    )
    np.testing.assert_allclose(wide[:, 1:], wanted[:, 1:], rtol=0.02)
    rgb = image_values(bpy.data.images["Plate é 1 picture"])[..., :3]
    np.testing.assert_allclose(
        colors, rgb[np.floor(v).astype(int), np.floor(u).astype(int)], atol=1e-5
    )
    np.testing.assert_allclose(opacities, 0.99, atol=1e-5)


def test_what_cannot_be_written(scene, tmp_path, full_disk):
    obj = add_plate(scene)
    path = tmp_path / "a.splat.ply"
    path.write_text("old")
    with full_disk(3000), pytest.raises(SaveError, match="cannot be written"):
        export_splats(path, scene, [obj])
    with pytest.raises(SceneError, match="neither a depth result with faces nor a layer"):
        export_splats(path, scene, [])
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1
