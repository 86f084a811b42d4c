"""Matte: the soft edges of layers, which laid over each other still make the picture.

At the edge of a layer the picture shows a mixture, `I = a F + (1 - a) B` in linear light. F is what
the layer shows deeper inside and B what lies behind it farther off, both carried on up to the edge;
a follows from the three where F and B differ, and fades outwards where they are alike. Then both
colors are corrected until the mixture is I itself.
"""

import numpy as np

# Contrast, in linear light squared, up to which the fade is believed more than the colors.
_LIKE = 0.0075


def fit_alpha(
    picture: np.ndarray,
    before: np.ndarray,
    behind: np.ndarray,
    fade: np.ndarray,
    inside: np.ndarray,
) -> np.ndarray:
    """Find how much of each pixel of an edge is the layer's.

    Args:
        picture: (N, 3) linear.
        before: (N, 3) the layer's own color.
        behind: (N, 3) what is behind it.
        fade: (N,) alpha as it would be by the distance from the edge alone.
        inside: (N,) bool, whether the pixel belongs to the layer, which then keeps half of it.

    Returns:
        (N,) float32 in 0..1.
    """
    contrast = before - behind
    along = ((picture - behind) * contrast).sum(-1)
    alpha = (along + _LIKE * fade) / ((contrast**2).sum(-1) + _LIKE)
    return np.clip(alpha, np.where(inside, 0.5, 0), fade)


def retreat(picture: np.ndarray, clean: np.ndarray, front: np.ndarray) -> np.ndarray:
    """The color of a pixel at the edge of nearer layers, of which those cover the part `front`.

    Clean where it is hidden for the most part, and the picture's own where it is not: so the layer
    before it can always make up for the difference.

    Args:
        picture: (N, 3) linear.
        clean: (N, 3) the color carried on from where nothing is before it.
        front: (N,) alpha of all that is before it.

    Returns:
        (N, 3).
    """
    share = np.minimum(1, front / np.maximum(1 - front, 1e-6))
    return picture + share[:, None] * (clean - picture)


def unmix(picture: np.ndarray, behind: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The color that a layer must have to make the picture; (N, 3), any where alpha is 0."""
    alpha = np.maximum(alpha, 1e-6)[:, None]
    return (picture - (1 - alpha) * behind) / alpha
