"""The settings of training: the only home of their defaults, ranges and explanations."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from tabgan.errors import ConfigError, listing
from tabgan.gan.presets import EFFORTS, OBJECTIVES, contradictions, left_open
from tabgan.gan.settings import kind_of, problem, problems, setting

MIN_STEPS, MAX_STEPS = 300, 2_000
"""Fewer steps leave margins unlearnt; the millions of rows of a large table are known well before an epoch ends."""
MAX_DECAY = 100.0
MANY_ROWS = 15_000
"""With fewer rows weights decay more, by the root of how few: otherwise a small table is learnt by heart."""
ROWS_PER_BATCH, MIN_BATCH = 16, 16
"""A batch is at most one in so many rows, so that a small table is not seen whole in every step."""
MAX_BATCH_FEATURES = 16_000_000
"""Of the rows of a batch together: those of wide tables are fewer, and an epoch has more steps."""
MAX_ROOMY_BATCH, ROOMY_UNITS = 8_192, 8_388_608
"""On a GPU, no batch grows beyond so many rows, or one-hot units of all its rows."""


NORMS = ("none", "layer", "batch")
INITIALISATIONS = ("he", "glorot", "orthogonal")
_RUN, _GENERATOR, _CRITIC = "Length", "Generator", "Critic"
_OBJECTIVE, _REMEDIES, _WATCHING = "Objective", "Remedies", "Watching"


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How the networks are built and taught.

    The defaults suit tables of a few columns to a few hundred, on a CPU. Every field can be set from Python, from a
    TOML file and from the command line; each carries its explanation, unit, range and source as metadata, and
    `docs/settings.md` lists them. Fields that are None are decided by the objective; `for_table` fills them in.

    Raises:
        ConfigError: if any field has a wrong type or lies outside its range, or fields contradict each other; it names
            all of them at once.
    """

    epochs: float = setting(
        15.0, "passes over the table, where no steps are given", group=_RUN, low=0.01, high=1e6, unit="passes"
    )
    steps: int = setting(
        0,
        "generator steps; 0 for as many as the epochs take, 300 to 2,000",
        group=_RUN,
        low=0,
        high=10_000_000,
        unit="steps",
    )
    max_minutes: float = setting(
        0.0, "end training in this time, in order; 0 for no limit", group=_RUN, low=0.0, high=1e6, unit="minutes"
    )
    text_minutes: float = setting(
        0.0, "learn free text for no longer; 0 for no limit", group=_RUN, low=0.0, high=1e6, unit="minutes"
    )
    batch_size: int = setting(
        1_024,
        "rows drawn for each step; of small and very wide tables fewer, on CUDA of large ones more unless it is set",
        group=_RUN,
        low=2,
        high=1_000_000,
        unit="rows",
    )
    cuda_graphs: bool = setting(
        True,
        "on CUDA, replay steps as graphs; steps of a few remedies are always run one kernel after the other",
        group=_RUN,
        use="false to see where a step fails",
    )
    tf32: bool = setting(
        True,
        "on CUDA, round the factors of matrix products to ten bits while learning",
        group=_RUN,
        use="false to compare runs with those of a CPU",
    )

    generator_width: int = setting(
        128, "width of the generator's shared layer", group=_GENERATOR, low=1, high=65_536, unit="units"
    )
    stages: int = setting(
        64, "at most so many stages in which a row is made", group=_GENERATOR, low=1, high=10_000, unit="stages"
    )
    stage_width: int = setting(
        64, "width of each stage's own layer", group=_GENERATOR, low=1, high=65_536, unit="units"
    )
    generator_rate: float | None = setting(
        None,
        "Adam learning rate of the generator",
        group=_GENERATOR,
        low=0.0,
        high=1.0,
        use="lower it when training oscillates or diverges; critic and generator may learn at different rates (TTUR)",
        source="Heusel et al. 2017, section 2",
    )
    generator_beta1: float = setting(
        0.9,
        "decay of Adam's mean of the generator's gradients",
        group=_GENERATOR,
        low=0.0,
        high=0.999999,
        use="towards 0 when training oscillates: momentum overshoots where both networks move",
        source="Radford et al. 2016, section 3",
    )
    generator_beta2: float = setting(
        0.99, "decay of Adam's mean of their squares", group=_GENERATOR, low=0.0, high=0.999999
    )
    weight_decay: float = setting(
        0.5,
        "decay of the generator's weights (AdamW); of small tables more",
        group=_GENERATOR,
        low=0.0,
        high=MAX_DECAY,
        use="raise it when a small table is learnt by heart",
        source="Loshchilov and Hutter 2019",
    )
    generator_clip: float = setting(
        5.0,
        "the generator's gradients are no longer than this; 0 leaves them as they are",
        group=_GENERATOR,
        low=0.0,
        high=1e6,
        unit="norm",
        use="lower it when single batches throw training off",
        source="Pascanu et al. 2013, section 3.2",
    )
    generator_dropout: float = setting(
        0.0,
        "share of each stage's units left out at random while learning",
        group=_GENERATOR,
        low=0.0,
        high=0.95,
        use="against learning a small table by heart",
        source="Srivastava et al. 2014",
    )
    generator_norm: str = setting(
        "none",
        "normalisation of each stage's own layer",
        group=_GENERATOR,
        choices=NORMS,
        use="where the generator learns unevenly or diverges at a rate that is needed",
        source="Ba et al. 2016; Ioffe and Szegedy 2015",
    )
    initialisation: str = setting(
        "he",
        "how weights are drawn at first",
        group=_GENERATOR,
        choices=INITIALISATIONS,
        use="orthogonal for deep critics, glorot for narrow networks",
        source="He et al. 2015; Glorot and Bengio 2010; Saxe et al. 2014",
    )
    averaging: float = setting(
        0.99,
        "decay of the generator's moving average, which is what is kept",
        group=_GENERATOR,
        low=0.0,
        high=0.999999,
        use="raise it with many steps or when training oscillates",
        source="Yazici et al. 2019",
    )

    likelihood_weight: float = setting(
        1.0,
        "weight of the likelihood of real rows in the generator's loss; 0 for the critic alone",
        group=_OBJECTIVE,
        low=0.0,
        high=1e6,
        use="the likelihood teaches most and cannot collapse; 0 only to study adversarial training",
        source="Yu et al. 2017, section 3",
    )
    objective: str = setting(
        "wgan-gp",
        "what critic and generator play for",
        group=_OBJECTIVE,
        choices=OBJECTIVES,
        use="another one where WGAN-GP is too slow (hinge, relativistic) or for comparison",
        source="Gulrajani et al. 2017; Arjovsky et al. 2017; Goodfellow et al. 2014; Mao et al. 2017; Lim and Ye 2017; "
        "Huang et al. 2024",
    )
    adversarial_weight: float | None = setting(
        None,
        "weight of the critic's verdict in the generator's loss: 0.05 beside the likelihood, 1 alone",
        group=_OBJECTIVE,
        low=0.0,
        high=1e6,
    )
    adversarial_share: float | None = setting(
        None,
        "share of the steps, the last ones, with a critic: 0.25 beside the likelihood, 1 alone",
        group=_OBJECTIVE,
        low=0.0,
        high=1.0,
    )
    temperature: float = setting(
        1.0, "of the gradient through drawn categories", group=_OBJECTIVE, low=1e-3, high=100.0
    )

    critic_width: int = setting(256, "width of the critic's layers", group=_CRITIC, low=1, high=65_536, unit="units")
    critic_blocks: int = setting(1, "residual blocks of the critic", group=_CRITIC, low=0, high=64, unit="blocks")
    critic_rate: float | None = setting(
        None,
        "Adam learning rate of the critic",
        group=_CRITIC,
        low=0.0,
        high=1.0,
        use="lower it when the critic is too strong, raise it when the generator fools it",
        source="Heusel et al. 2017, section 2",
    )
    critic_beta1: float | None = setting(
        None, "decay of Adam's mean of the critic's gradients", group=_CRITIC, low=0.0, high=0.999999
    )
    critic_beta2: float | None = setting(
        None, "decay of Adam's mean of their squares", group=_CRITIC, low=0.0, high=0.999999
    )
    critic_steps: int | None = setting(
        None,
        "critic steps of a round",
        group=_CRITIC,
        low=1,
        high=1_000,
        unit="steps",
        use="more when the critic is too weak to teach; with many of both, the networks learn in alternating periods",
        source="Arjovsky et al. 2017, algorithm 1",
    )
    generator_steps: int = setting(
        1,
        "generator steps of a round, after the critic's",
        group=_CRITIC,
        low=1,
        high=1_000,
        unit="steps",
        use="more when the critic is too strong",
        source="Goodfellow et al. 2014, algorithm 1",
    )

    penalty_weight: float | None = setting(
        None,
        "weight of the gradient penalty, for wgan-gp towards norm 1, else towards 0; 0 for none",
        group=_REMEDIES,
        low=0.0,
        high=1e6,
        use="raise it when training oscillates, lower it when the critic is too weak",
        source="Gulrajani et al. 2017, section 4; Mescheder et al. 2018",
    )
    penalty_end: float | None = setting(
        None,
        "weight that the penalty ends with, on a straight line; by default it stays as it is",
        group=_REMEDIES,
        low=0.0,
        high=1e6,
        use="a strong penalty at first keeps a young critic smooth, a weak one later lets it see details",
    )
    weight_clip: float | None = setting(
        None,
        "the critic's weights are no larger than this; 0 leaves them as they are",
        group=_REMEDIES,
        low=0.0,
        high=1e3,
        use="the bound of WGAN before there were penalties; too small a bound lets gradients vanish",
        source="Arjovsky et al. 2017, algorithm 1",
    )
    critic_clip: float = setting(
        0.0,
        "the critic's gradients are no longer than this; 0 leaves them as they are",
        group=_REMEDIES,
        low=0.0,
        high=1e6,
        unit="norm",
        use="when the critic's loss jumps",
        source="Pascanu et al. 2013, section 3.2",
    )
    spectral_norm: bool = setting(
        False,
        "keep each layer of the critic from stretching anything",
        group=_REMEDIES,
        use="when the critic is too strong or its scores run away; with penalty_weight 0 in place of the penalty",
        source="Miyato et al. 2018, section 2",
    )
    label_smoothing: float = setting(
        0.0,
        "real rows count as real by 1 minus this (one-sided)",
        group=_REMEDIES,
        low=0.0,
        high=0.5,
        use="when a discriminator becomes sure of itself; only for nsgan and lsgan",
        source="Salimans et al. 2016, section 3.4",
    )
    instance_noise: float = setting(
        0.0,
        "standard deviation of noise on what the critic sees",
        group=_REMEDIES,
        low=0.0,
        high=100.0,
        unit="feature units",
        use="when the critic is too strong early on: noise makes real and generated rows overlap",
        source="Sønderby et al. 2017, section 3; Arjovsky and Bottou 2017",
    )
    instance_noise_share: float = setting(
        0.5,
        "share of the adversarial steps over which that noise falls to nothing",
        group=_REMEDIES,
        low=0.0,
        high=1.0,
    )
    critic_dropout: float = setting(
        0.0,
        "share of the critic's units left out at random while learning",
        group=_REMEDIES,
        low=0.0,
        high=0.95,
        use="when the critic learns the rows of a small table by heart",
        source="Srivastava et al. 2014",
    )
    critic_norm: str = setting(
        "none",
        "normalisation of the critic's layers; batch only without a gradient penalty",
        group=_REMEDIES,
        choices=NORMS,
        use="layer for deep critics",
        source="Ba et al. 2016; Gulrajani et al. 2017, section 4",
    )
    pac: int = setting(
        1,
        "rows that the critic judges together (PacGAN)",
        group=_REMEDIES,
        low=1,
        high=64,
        unit="rows",
        use="when the generator collapses: a critic that sees several rows sees that they are all alike",
        source="Lin et al. 2018, section 2",
    )
    minibatch_std: int = setting(
        0,
        "rows of a group whose spread the critic is told; 0 for none",
        group=_REMEDIES,
        low=0,
        high=1_024,
        unit="rows",
        use="when the generator collapses",
        source="Karras et al. 2018, section 3",
    )
    unrolled_steps: int = setting(
        0,
        "critic steps that the generator looks ahead; 0 for none",
        group=_REMEDIES,
        low=0,
        high=20,
        unit="steps",
        use="when the generator collapses or jumps from mode to mode; each costs as much as a critic step",
        source="Metz et al. 2017, section 2",
    )
    freeze_above: float = setting(
        1.0,
        "the critic rests while its accuracy is above this, the generator while it is below 1 minus this; 1 for never",
        group=_REMEDIES,
        low=0.5,
        high=1.0,
        use="0.8 or so when one network is far ahead of the other; no network rests more than 20 steps running",
        source="Goodfellow 2016, section 4.4",
    )
    curriculum: float = setting(
        0.0,
        "share of the adversarial steps in which the critic judges single columns (a third of it) and then pairs",
        group=_REMEDIES,
        low=0.0,
        high=1.0,
        use="when the critic is too strong from the start",
        source="Bengio et al. 2009",
    )
    condition_share: float = setting(
        0.3, "share of the batches with some cells given", group=_REMEDIES, low=0.0, high=1.0
    )
    balance: float = setting(
        0.0,
        "share of those batches drawn with rare categories balanced (training by sampling)",
        group=_REMEDIES,
        low=0.0,
        high=1.0,
        source="Xu et al. 2019, section 4.3",
    )

    holdout: float = setting(
        0.05,
        "share of the rows that training is watched on: at most 2,048 of them, none if they would be fewer than 16",
        group=_WATCHING,
        low=0.0,
        high=0.5,
    )
    patience: float = setting(
        0.1,
        "rise of the surprise of those rows, as a share, that ends training",
        group=_WATCHING,
        low=0.0,
        high=100.0,
        use="lower it when a table is learnt by heart",
        source="Prechelt 1998",
    )
    stagnation: float = setting(
        1.0,
        "share of the steps without a better distance to those rows that ends training; 1 for never",
        group=_WATCHING,
        low=0.05,
        high=1.0,
        use="0.3 or so to save time where more steps do not help",
        source="Prechelt 1998",
    )
    recoveries: int = setting(
        3,
        "how often a run that diverges goes back to its last good weights, with rates a third as high",
        group=_WATCHING,
        low=0,
        high=100,
        unit="times",
    )

    def __post_init__(self) -> None:
        _refuse(_wrong(type(self), asdict(self)))
        for item in fields(self):
            value = getattr(self, item.name)
            if kind_of(TrainingConfig, item.name).type is float and value is not None:
                object.__setattr__(self, item.name, float(value))  # torch takes no whole numbers for some of them

    @classmethod
    def for_effort(cls, effort: str, settings: Mapping[str, object] | None = None) -> Self:
        """A preset, "quick" for a first look, "balanced" or "best", with these fields changed.

        Raises:
            ConfigError: if there is no such preset, or as `from_mapping` does.
        """
        if effort not in EFFORTS:
            raise ConfigError(f"effort must be one of {', '.join(EFFORTS)}, got {effort!r}")
        preset, settings = dict(EFFORTS[effort]), settings or {}
        if "epochs" in settings:  # they would be of no account beside the steps of a preset
            preset.pop("steps", None)
        return cls.from_mapping(preset | dict(settings))

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> Self:
        """The configuration with these fields changed from their defaults.

        Raises:
            ConfigError: naming every unknown field (with the nearest known one), every wrong value and every
                contradiction.
        """
        if not isinstance(settings, Mapping):
            raise ConfigError(f"training settings must map names to values, got {settings!r}")
        _refuse(_wrong(cls, settings))
        return cls(**settings)  # type: ignore[arg-type]  # every value was checked against its field just above

    def resolved(self) -> Self:
        """The same settings with those that are None as the objective has them."""
        own = left_open(self.objective, self.likelihood_weight)
        return replace(self, **{name: value for name, value in own.items() if getattr(self, name) is None})

    def for_table(self, n_rows: int, n_features: int = 1) -> Self:
        """The resolved settings with the steps, batch size and weight decay for a table.

        Args:
            n_rows: of the table.
            n_features: of each, as networks see it.
        """
        batch_size = min(self.batch_size, max(n_rows // ROWS_PER_BATCH, MIN_BATCH))
        batch_size = min(batch_size, max(MAX_BATCH_FEATURES // n_features, MIN_BATCH))
        epochs_take = round(self.epochs * n_rows / batch_size)
        return replace(
            self.resolved(),
            steps=self.steps or min(max(epochs_take, MIN_STEPS), MAX_STEPS),
            batch_size=batch_size,
            weight_decay=min(self.weight_decay * max(math.sqrt(MANY_ROWS / max(n_rows, 1)), 1.0), MAX_DECAY),
        )

    def with_room(self, n_rows: int, width: int) -> Self:
        """The settings `for_table`, with a larger batch if the default one sees fewer passes than the epochs ask for.

        On a GPU a larger batch takes hardly longer. The steps of a large table are limited, so that a batch of the
        default size sees only a part of the rows; it grows until as many steps see them as often as asked for. Rates
        and steps stay as they are.

        Args:
            n_rows: of the table.
            width: one-hot units of a row.
        """
        if self.steps < MAX_STEPS or self.batch_size != type(self)().batch_size:
            return self
        room = min(MAX_ROOMY_BATCH, ROOMY_UNITS // width)
        wanted = math.ceil(self.epochs * n_rows / self.steps)
        return replace(self, batch_size=max(self.batch_size, min(wanted, room)))

    def to_dict(self) -> dict[str, Any]:
        """All settings as plain values, fit for JSON; None where the objective decides."""
        return asdict(self)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigError(listing("training settings", problems))


def _wrong(owner: type[TrainingConfig], settings: Mapping[str, object]) -> list[str]:
    """All that is wrong with settings: single values, and what contradicts each other among the others."""
    known = {item.name: item for item in fields(owner)}
    given = {name: value for name, value in settings.items() if name in known}
    doubtful = {name for name, value in given.items() if problem(owner, known[name], value)}
    usable = {name: value for name, value in given.items() if name not in doubtful}
    defaults = {name: item.default for name, item in known.items()}
    return problems(owner, settings) + contradictions(defaults | usable, doubtful)
