"""How long texts are learnt."""

from tabgan.gan.language_settings import LanguageConfig


def test_how_many_tokens_are_seen() -> None:
    config = LanguageConfig(tokens=1_000, epochs=4, least_tokens=200, most_epochs=40)
    assert [config.for_texts(n).tokens for n in (0, 1, 10, 100, 10_000)] == [1, 40, 200, 400, 1_000]
    assert [config.for_texts(n).batch_tokens for n in (0, 100_000, 10_000_000)] == [300, 1_000, 2_400]
