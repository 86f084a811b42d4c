"""The two attention blocks of UniDepth's decoders."""

import torch.nn.functional as F
from torch import nn

from .layers import MLP, LayerScale


class AttentionBlock(nn.Module):
    """Residual cross- or self-attention, then a residual MLP.

    Args:
        width: Channels of the tokens and of the context.
        heads: Attention heads.
        expansion: Expansion of the MLP.
        bias: Whether the attention projections have a bias.
        layer_scale: Whether both residuals are scaled per channel.
    """

    def __init__(self, width, heads, expansion=4, bias=True, layer_scale=True):
        super().__init__()
        self.heads = heads
        self.norm_attnx = nn.LayerNorm(width)
        self.norm_attnctx = nn.LayerNorm(width)
        self.q = nn.Linear(width, width, bias=bias)
        self.kv = nn.Linear(width, 2 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)
        self.mlp = MLP(width, expansion)
        self.ls1 = LayerScale(width) if layer_scale else nn.Identity()
        self.ls2 = LayerScale(width) if layer_scale else nn.Identity()

    def forward(self, tokens, context=None, positions=None, context_positions=None):
        """Return tokens of the same shape.

        Args:
            tokens: (B, n, width).
            context: (B, m, width); None = the tokens themselves, through a separate norm.
            positions: Added to the projected queries, (1 or B, n, width).
            context_positions: Added to the projected keys, (1 or B, m, width).
        """
        queries = self.q(self.norm_attnx(tokens))
        context = tokens if context is None else context
        keys, values = self.kv(self.norm_attnctx(context)).chunk(2, dim=-1)
        if positions is not None:
            queries = queries + positions
        if context_positions is not None:
            keys = keys + context_positions
        split = [each.unflatten(-1, (self.heads, -1)) for each in (queries, keys, values)]
        tokens = tokens + self.ls1(self.out(self.attend(*split).flatten(2)))
        return tokens + self.ls2(self.mlp(tokens))

    def attend(self, queries, keys, values):
        """Attend over the tokens, separately for each head, (B, tokens, heads, channels)."""
        heads_first = [each.transpose(1, 2) for each in (queries, keys, values)]
        return F.scaled_dot_product_attention(*heads_first).transpose(1, 2)


class HeadAttentionBlock(AttentionBlock):
    """Attention among the heads of each token, without interaction between tokens.

    The released V1 uses Nystrom attention with tokens and heads swapped. With so few apparent
    tokens that falls back to plain attention, and the weights were trained with the result.
    """

    def attend(self, queries, keys, values):
        """Attend over the heads, separately for each token, (B, tokens, heads, channels)."""
        return F.scaled_dot_product_attention(queries, keys, values)
