"""Optimisers of a step's groups, and how fast they go."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from embedder.training.recipe import Optimiser

Optimisers = dict[str, torch.optim.Optimizer]


def make_optimisers(
    groups: Mapping[str, list[nn.Parameter]],
    settings: Optimiser,
    averaged: Callable[[list[nn.Parameter]], None] = lambda _: None,
) -> Optimisers:
    """One per group. Before its steps, gradients are averaged over processes and clipped."""
    made = {name: _made(parameters, settings) for name, parameters in groups.items()}
    for name, optimiser in made.items():
        optimiser.register_step_pre_hook(_before_step(groups[name], settings, averaged))
    return made


def _made(parameters: list[nn.Parameter], settings: Optimiser) -> torch.optim.Optimizer:
    # Norms and biases are not pulled towards zero.
    decayed = [parameter for parameter in parameters if parameter.ndim > 1]
    plain = [parameter for parameter in parameters if parameter.ndim <= 1]
    groups = [
        {"params": some, "weight_decay": decay}
        for some, decay in ((decayed, settings.weight_decay), (plain, 0.0))
        if some
    ]
    if settings.kind == "sgd":
        return torch.optim.SGD(groups, lr=settings.rate, momentum=settings.betas[0])
    return torch.optim.AdamW(groups, lr=settings.rate, betas=settings.betas)


def _before_step(
    parameters: list[nn.Parameter],
    settings: Optimiser,
    averaged: Callable[[list[nn.Parameter]], None],
) -> Callable[..., None]:
    def hook(*_: Any) -> None:
        averaged(parameters)
        if settings.clip:
            nn.utils.clip_grad_norm_(parameters, settings.clip)

    return hook


def set_rates(optimisers: Optimisers, settings: Optimiser, step: int, steps: int) -> float:
    """The rates for a step, a function of its number alone; returns the share of the full rate."""
    share = rate_share(settings, step, steps)
    for name, optimiser in optimisers.items():
        full = settings.backbone_rate if name == "backbone" else None
        for group in optimiser.param_groups:
            group["lr"] = share * (full or settings.rate)
    return share


def rate_share(settings: Optimiser, step: int, steps: int) -> float:
    """Rises over the warm-up, then stays, or falls as half a cosine to 1 % at the end."""
    if step < settings.warmup:
        return (step + 1) / (settings.warmup + 1)
    if settings.schedule == "constant":
        return 1.0
    done = (step - settings.warmup) / max(1, steps - settings.warmup)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
