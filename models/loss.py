"""The joint loss of all heads, over whatever labels are known."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax, softmax

from models.network import slice_heads

HEAD_WEIGHTS: Mapping[str, float] = {
    "category": 0.8,
    "signals": 2.0,
    "levels": 1.0,
    "subject": 0.4,
    "escalate": 1.0,
}
ONE_OF_MANY = frozenset({"category", "subject"})
"""Heads of which exactly one output is right."""


def joint_loss(logits: Tensor, targets: Tensor, weights: Tensor, *, smoothing: float = 0.02) -> Tensor:
    """Cross-entropy for category and subject, binary cross-entropy for the rest; NaN targets are left out.

    ``smoothing`` draws targets towards the middle, which keeps scores honest about wrong labels.
    """
    per_text = torch.zeros_like(weights)
    heads, wanted = slice_heads(logits.float()), slice_heads(targets)
    for name, head in heads.items():
        target = wanted[name]
        known = ~torch.isnan(target)
        clean = torch.nan_to_num(target)
        if name in ONE_OF_MANY:
            smooth = clean * (1 - smoothing) + smoothing / clean.shape[1]
            loss = -(smooth * log_softmax(head, dim=-1)).sum(-1) * known.all(-1)
        else:
            smooth = clean * (1 - smoothing) + smoothing / 2
            each = binary_cross_entropy_with_logits(head, smooth, reduction="none") * known
            loss = each.sum(-1) / head.shape[1]
        per_text = per_text + HEAD_WEIGHTS[name] * loss
    return (per_text * weights).sum() / weights.sum()


def agreement_loss(logits: Tensor, twins: Tensor) -> Tensor:
    """How far the answers for disguised texts are from those for the same texts as they are.

    Only the disguised side learns (consistency training, Xie et al. 2020), as a share of all rows.
    """
    if not len(twins):
        return logits.new_zeros(())
    plain, disguised = logits[twins[:, 0]].detach(), logits[twins[:, 1]]
    return teaching_loss(disguised, plain, torch.ones(len(twins))) * (len(twins) / len(logits))


def teaching_loss(logits: Tensor, taught: Tensor, weights: Tensor) -> Tensor:
    """Distance from a teacher's answers (Hinton et al. 2015), every head known, weighted as in learning.

    The teacher read the plain text, and the student its disguise, too: they must agree.
    """
    per_text = torch.zeros_like(weights)
    heads, wanted = slice_heads(logits.float()), slice_heads(taught)
    for name, head in heads.items():
        if name in ONE_OF_MANY:
            loss = -(softmax(wanted[name], dim=-1) * log_softmax(head, dim=-1)).sum(-1)
        else:
            each = binary_cross_entropy_with_logits(head, torch.sigmoid(wanted[name]), reduction="none")
            loss = each.sum(-1) / head.shape[1]
        per_text = per_text + HEAD_WEIGHTS[name] * loss
    return (per_text * weights).sum() / weights.sum()
