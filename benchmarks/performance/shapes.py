"""The shape that floors follow from, read off a model that has learnt a table."""

from typing import Any

from benchmarks.performance.floors import Shape, Stage
from tabgan import TabGAN
from tabgan.gan import adversary
from tabgan.gan.networks import Critic


def shape_of(model: TabGAN, n_rows: int) -> Shape:
    """The shape of the model's generator, of the critic that it had, and of a step on `n_rows` rows."""
    generator, config = model._fitted().generator, model.config.for_table(n_rows)
    plan = generator.plan
    critic = Critic.for_config(plan.n_features + len(plan.parts), config)
    return Shape(
        batch=config.batch_size,
        hidden=config.generator_width,
        middle=config.stage_width,
        stages=stages_of(plan),
        direct=any("direct" in name for name, _ in generator.named_parameters()),
        critic_width=config.critic_width,
        critic_blocks=config.critic_blocks,
        weights=_weights(generator),
        critic_weights=_weights(critic),
        penalised=penalised_of(config.batch_size),
    )


def penalised_of(batch: int) -> int:
    """Rows of a batch on which the critic's penalty is taken: all of them, unless the library takes fewer."""
    fewer = getattr(adversary, "penalised", None)
    return batch if fewer is None else int(fewer(batch, 1))


def stages_of(plan: Any) -> tuple[Stage, ...]:
    """The stages of a plan."""
    found = []
    for own in plan.stage_parts:
        parts = plan.parts[own]
        features = sum(part.features.stop - part.features.start for part in parts)
        found.append(
            Stage(
                units=sum(part.size for part in parts),
                features=features,
                parts=len(parts),
                before=parts[0].features.start,
            )
        )
    return tuple(found)


def _weights(network: Any) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
