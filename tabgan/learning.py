"""How a model comes to know a table: the generator is trained, then what tells real rows from fakes, then free text.

With a saver the run is kept in checkpoints on the way, so that one that is killed goes on where it was.
"""

from dataclasses import replace

import torch

from tabgan import interrupts
from tabgan.checkpoints import Progress, Saver
from tabgan.coding import Coding
from tabgan.gan.config import TrainingConfig
from tabgan.gan.finished import result_from_state, result_to_state
from tabgan.gan.history import Callback, TrainingResult
from tabgan.gan.language_settings import LanguageCallback, LanguageConfig
from tabgan.gan.realism import learn_realism
from tabgan.gan.training import Trainer
from tabgan.learnt import Learnt, features_of, text_columns
from tabgan.prepared import Prepared
from tabgan.table.texts.columns import TextColumns
from tabgan.table.texts.corpus import learn_corpus
from tabgan.text_part import TextPart

TEXT_SHARE = 0.4
"""Of a limit to the time of training, what free text gets."""
HURRIED_S = 10.0
"""Seconds in which free text is learnt after an interrupt: a model without it would be none."""


def learn(
    prepared: Prepared,
    config: TrainingConfig,
    *,
    seed: int,
    device: torch.device,
    split_seed: int | None = None,
    callback: Callback | None = None,
    text_callback: LanguageCallback | None = None,
    saver: Saver | None = None,
    reached: Progress | None = None,
) -> tuple[Learnt, TrainingResult]:
    """Train the generator, and after it what it is judged by and what writes free text.

    Args:
        prepared: the table, and what training begins with.
        config: the settings of training.
        seed: names the random streams.
        device: where to train.
        split_seed: names the split into rows learnt and rows held out; None takes the seed.
        callback: called at each report on the generator.
        text_callback: called at each report on the texts.
        saver: writes checkpoints.
        reached: how far the run was when it was broken off.

    Raises:
        ArtifactError: if `reached` is none of such a run.
        TrainingError: if the run has diverged once too often, or the texts diverge.
    """
    layout = prepared.coding.codec.layout
    if reached is not None and reached.finished:
        result = result_from_state(reached.rows, layout, config, device)
    else:
        keeper = None if saver is None else saver.keeper(Progress)
        # Nothing keeps the trainer, so that its memory is free for what follows.
        result = Trainer(
            prepared.encoded,
            layout,
            generator_config(prepared.coding, config),
            seed=seed,
            device=device,
            split_seed=split_seed,
            start=prepared.start,
        ).fit(callback, keeper=keeper, resume=None if reached is None else reached.rows)
    learnt = completed_model(
        prepared, result, config, seed=seed, device=device, callback=text_callback, saver=saver, reached=reached
    )
    return learnt, result


def generator_config(coding: Coding, config: TrainingConfig) -> TrainingConfig:
    """The settings of the generator alone: where there is free text, it gets its share of the time."""
    return replace(config, max_minutes=config.max_minutes * (1 - TEXT_SHARE if text_columns(coding) else 1))


def completed_model(
    prepared: Prepared,
    result: TrainingResult,
    config: TrainingConfig,
    *,
    seed: int,
    device: torch.device,
    callback: LanguageCallback | None = None,
    saver: Saver | None = None,
    reached: Progress | None = None,
) -> Learnt:
    """What is learnt once the generator is: arguments are those of `learn`, `callback` that of the texts."""
    coding, generator = prepared.coding, result.generator
    columns = text_columns(coding)
    finished = Progress(result_to_state(result), finished=True)
    if columns is not None and saver is not None and (reached is None or not reached.finished):
        saver.save(finished)

    # The generator is learnt by now: an interrupt must not lose it.
    realism, hurried = interrupts.finish(
        lambda: learn_realism(generator, prepared.encoded.codes, result.held_out, seed=seed)
    )
    if columns is None:
        return Learnt(coding, generator, None, realism)
    texts = _texts(
        columns,
        prepared,
        result,
        config,
        hurried=hurried or result.ended_by == "keyboard",
        seed=seed,
        device=device,
        callback=callback,
        saver=saver,
        finished=finished,
        reached=reached,
    )
    return Learnt(coding, generator, replace(texts, interrupted=texts.interrupted or hurried), realism)


def _texts(
    columns: TextColumns,
    prepared: Prepared,
    result: TrainingResult,
    config: TrainingConfig,
    *,
    hurried: bool,
    seed: int,
    device: torch.device,
    callback: LanguageCallback | None,
    saver: Saver | None,
    finished: Progress,
    reached: Progress | None,
) -> TextPart:
    """What writes free text; `hurried` where somebody waits for the end, `finished` is the generator's training."""
    sources = [prepared.table[name] for name in columns.sources]
    corpus, pressed = interrupts.finish(lambda: learn_corpus(sources, seed))
    limits_s = [60 * config.text_minutes, 60 * TEXT_SHARE * config.max_minutes, HURRIED_S * (hurried or pressed)]
    texts = TextPart.fit(
        columns,
        corpus,
        lambda places: features_of(result.generator, prepared.encoded.codes[corpus.rows[places]]),
        result.generator.plan.n_features,
        LanguageConfig(max_seconds=min([limit for limit in limits_s if limit], default=0.0)),
        seed=seed,
        device=device,
        callback=callback,
        keeper=None if saver is None else saver.keeper(lambda state: replace(finished, texts=state)),
        resume=None if reached is None else reached.texts,
    )
    return replace(texts, interrupted=texts.interrupted or pressed)
