"""Optimizer for training from scratch: Muon for matrices, AdamW for everything else."""

from itertools import chain

import torch

from .loop import bfloat16_pays


class PlainMuon(torch.optim.Muon):
    """Muon with its iteration in float32, for CPUs that only emulate PyTorch's bfloat16.

    Its state is the same; it knows Nesterov's momentum and rates matched to AdamW's RMS alone.
    """

    @torch.no_grad()
    def step(self):
        """Update all matrices from their gradients."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(matrix.grad)
                mean = state["momentum_buffer"]
                mean.lerp_(matrix.grad, 1 - group["momentum"])
                ahead = matrix.grad.lerp(mean, group["momentum"])  # Nesterov's
                update = orthogonalized(ahead, group["ns_coefficients"], group["ns_steps"])
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                matrix.sub_(update, alpha=0.2 * group["lr"] * max(matrix.shape) ** 0.5)


def orthogonalized(matrix: torch.Tensor, coefficients, steps: int) -> torch.Tensor:
    """Bring the singular values of a matrix near 1 by Newton-Schulz iterations (Jordan et al.)."""
    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    found = matrix.T if tall else matrix
    found = found / found.norm().clamp(min=1e-7)
    for _ in range(steps):
        gram = found @ found.T
        found = torch.addmm(found, torch.addmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.T if tall else found


class MatrixOptimizer:
    """Muon (Jordan et al., 2024) for the hidden weight matrices, AdamW for everything else.

    Muon orthogonalizes the update of a matrix, so that no direction lags behind; small networks
    learn several times as much per step as with AdamW alone. Convolution weights are treated as
    matrices with one row per output channel. Updates are scaled to match AdamW's RMS (Liu et al.,
    arXiv 2502.16982), so both share one learning rate.

    Args:
        model: The network, on its training device.
        outer: First and last layers, for which Muon is unsuitable.
        weight_decay: Decoupled weight decay for both.
        pretrained: Part of the model that learns by AdamW, without weight decay, at a `share` of
            the learning rate.
        share: See `pretrained`.

    Weights that do not require a gradient are left as they are.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        outer: list[torch.nn.Module],
        weight_decay: float,
        pretrained: torch.nn.Module | None = None,
        share: float = 1.0,
    ):
        slow = [] if pretrained is None else [w for w in pretrained.parameters() if w.requires_grad]
        known = {id(weight) for weight in slow}
        left_out = known | {id(weight) for layer in outer for weight in layer.parameters()}
        weights = [w for w in model.parameters() if w.requires_grad and id(w) not in known]
        self._inner = [w for w in weights if w.ndim >= 2 and id(w) not in left_out]
        inner = {id(weight) for weight in self._inner}
        # Views of the same memory as matrices, because PyTorch's Muon accepts nothing else.
        self._matrices = [torch.nn.Parameter(w.data.view(len(w), -1)) for w in self._inner]
        muon = torch.optim.Muon if bfloat16_pays() else PlainMuon
        self._muon = muon(self._matrices, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self._adamw = torch.optim.AdamW(
            [weight for weight in weights if id(weight) not in inner], weight_decay=weight_decay
        )
        if slow:
            self._adamw.add_param_group({"params": slow, "weight_decay": 0.0, "share": share})

    @property
    def param_groups(self) -> list[dict]:
        """Parameter groups of both optimizers, for setting the learning rate, some of a `share`."""
        return [*self._muon.param_groups, *self._adamw.param_groups]

    def zero_grad(self):
        """Clear all gradients."""
        self._adamw.zero_grad()
        for weight in chain(self._inner, self._matrices):
            weight.grad = None

    def step(self):
        """Update all weights from their gradients."""
        for weight, matrix in zip(self._inner, self._matrices, strict=True):
            matrix.grad = weight.grad.view_as(matrix)
        self._muon.step()
        self._adamw.step()

    def state_dict(self) -> dict:
        """Return the state needed to resume."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict):
        """Resume from a state returned by `state_dict`."""
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])
