"""Trees, bushes and hedges."""

import numpy as np

from . import materials
from .shape import Shape


def tree(rng) -> Shape:
    """Return a tree, 3 to 9 m high: a conifer, or trunk and branches, with or without leaves."""
    shape, wood = Shape(), materials.bark(rng)
    height = rng.uniform(3.0, 9.0)
    if rng.random() < 0.2:
        _conifer(shape, rng, wood, height)
        return shape
    fork, girth = height * rng.uniform(0.2, 0.4), height * rng.uniform(0.014, 0.024)
    bend = np.array([*rng.normal(0, 0.05, 2) * height, fork])
    shape.rod((0, 0, -0.2), bend, girth, wood, 10, 0.75)
    tips = []
    for turn in np.arange(rng.integers(4, 7)) * 2.4 + rng.uniform(0, 6):
        lean = rng.uniform(0.25, 0.85)
        out = np.array([np.cos(turn) * np.sin(lean), np.sin(turn) * np.sin(lean), np.cos(lean)])
        end = bend + out * (height - fork) * rng.uniform(0.5, 0.8)
        shape.rod(bend, end, girth * 0.5, wood, 7, 0.4)
        tips.append(end)
        for _ in range(4):
            start = bend + (end - bend) * rng.uniform(0.35, 0.95)
            twig = start + (out + rng.normal(0, 0.6, 3)) * (height - fork) * rng.uniform(0.12, 0.28)
            shape.rod(start, twig, girth * 0.18, wood, 5, 0.4)
            tips.append(twig)
    if rng.random() < 0.9:
        tips = np.array(tips)
        leaf, count = materials.foliage(rng), 3600
        spread = height * rng.uniform(0.045, 0.06)
        centers = tips[rng.integers(len(tips), size=count)] + rng.normal(0, spread, (count, 3))
        shape.leaves(centers, height * rng.uniform(0.035, 0.06, count), leaf, rng)
    return shape


def _conifer(shape, rng, wood, height):
    leaf = materials.foliage(rng, 0.0)
    shape.rod((0, 0, -0.2), (0, 0, height), height * 0.016, wood, 8, 0.2)
    share = rng.uniform(0.08, 1, 3000) ** 0.6
    turn = rng.uniform(0, 2 * np.pi, 3000)
    radius = (1 - share) * height * 0.24 * rng.uniform(0.25, 1, 3000)
    sag = height * share - radius * 0.3
    centers = np.stack([np.cos(turn) * radius, np.sin(turn) * radius, sag], axis=-1)
    shape.leaves(centers, height * 0.035, leaf, rng)


def bush(rng, radius: float) -> Shape:
    """Return a round bush with leaves around a dark core, based at z = 0."""
    shape, leaf = Shape(), materials.foliage(rng)
    core = materials.plain((0.02, 0.035, 0.012), 1.0)
    squash = rng.uniform(0.6, 1.1)
    shape.ball(radius * 0.82, (0, 0, radius * squash * 0.75), core, 12, squash)
    ball = rng.normal(size=(1500, 3))
    ball *= rng.uniform(0.82, 1.05, (1500, 1)) / np.linalg.norm(ball, axis=1, keepdims=True)
    centers = ball * radius * (1, 1, squash) + (0, 0, radius * squash * 0.75)
    flowers = rng.random(1500) < rng.choice([0.0, 0.06])
    shape.leaves(centers[~flowers], radius * 0.17, leaf, rng)
    if flowers.any():
        bloom = materials.plain(materials.color(rng, (0.8, 1.15), (0.5, 0.9), (0.6, 1)), 0.6)
        shape.leaves(centers[flowers] * 1.03, radius * 0.14, bloom, rng)
    return shape


def hedge(rng, length: float) -> Shape:
    """Return a trimmed hedge along x, `length` meters long, based at z = 0."""
    shape, leaf = Shape(), materials.foliage(rng, 0.05)
    core = materials.plain((0.02, 0.035, 0.012), 1.0)
    half = np.array([length, rng.uniform(0.4, 0.9), rng.uniform(0.8, 1.9)]) / 2
    shape.box(2 * half - 0.12, (0, 0, half[2]), core)
    count = int(420 * length)
    point = rng.uniform(-1, 1, (count, 3))
    face = rng.choice(3, size=count, p=[0.05, 0.6, 0.35])
    point[np.arange(count), face] = np.where(face == 2, 1, np.sign(point[np.arange(count), face]))
    centers = point * half + rng.normal(0, 0.03, (count, 3)) + (0, 0, half[2])
    shape.leaves(centers, 0.13, leaf, rng)
    return shape


def grass_tufts(rng, reach: float) -> Shape:
    """Return blades of grass scattered within `reach` meters of the origin."""
    shape = Shape()
    count = 1500
    turn, radius = rng.uniform(0, 2 * np.pi, count), reach * np.sqrt(rng.random(count))
    foot = np.stack([np.cos(turn) * radius, np.sin(turn) * radius, np.zeros(count)], axis=-1)
    tip = foot + rng.normal(0, 0.04, (count, 3)) * (1, 1, 0)
    tip[:, 2] = rng.uniform(0.04, 0.16, count)
    side = rng.normal(0, 1, (count, 3)) * (0.006, 0.006, 0)
    points = np.stack([foot - side, foot + side, tip], axis=1).reshape(-1, 3)
    shape.add(points, [np.arange(3 * count).reshape(-1, 3)], materials.foliage(rng, 0.05))
    return shape
