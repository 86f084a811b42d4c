"""Real spherical harmonics."""

from math import factorial, pi, sqrt

import torch


def spherical_harmonics(directions: torch.Tensor, degree: int = 8) -> torch.Tensor:
    """All real spherical harmonics up to a degree.

    With `P` the associated Legendre functions without the Condon-Shortley phase, z the polar axis
    and `k = sqrt((2 n + 1) / (4 pi) * (n - |m|)! / (n + |m|)!)`:

        Y(n, 0) = k P(n, 0, z)
        Y(n, m) = sqrt(2) (-1)^m k P(n, |m|, z) * (cos(m phi) for m > 0, sin(|m| phi) for m < 0)

    They are computed as polynomials of x, y and z: `sin(theta)^m cos(m phi)` and its sine are the
    parts of `(x + i y)^m`, and what is left of P follows from the three-term recurrence in n
    (Abramowitz and Stegun, 8.5.3). So nothing divides by zero at the poles.

    Args:
        directions: Of length 1, (..., 3).
        degree: The last n.

    Returns:
        (..., (degree + 1)^2), Y(n, m) at n (n + 1) + m.
    """
    x, y, z = directions.unbind(-1)
    harmonics = [None] * (degree + 1) ** 2
    cosine, sine = torch.ones_like(x), torch.zeros_like(x)
    diagonal = 1.0  # (2 m - 1)!!
    for m in range(degree + 1):
        before, legendre = torch.zeros_like(z), torch.full_like(z, diagonal)
        for n in range(m, degree + 1):
            scale = sqrt((2 * n + 1) / (4 * pi) * factorial(n - m) / factorial(n + m))
            if m == 0:
                harmonics[n * (n + 1)] = scale * legendre
            else:
                scale *= sqrt(2) * (-1) ** m
                harmonics[n * (n + 1) + m] = scale * legendre * cosine
                harmonics[n * (n + 1) - m] = scale * legendre * sine
            following = ((2 * n + 1) * z * legendre - (n + m) * before) / (n - m + 1)
            before, legendre = legendre, following
        cosine, sine = cosine * x - sine * y, cosine * y + sine * x
        diagonal *= 2 * m + 1
    return torch.stack(harmonics, dim=-1)
