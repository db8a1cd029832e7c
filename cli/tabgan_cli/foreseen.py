"""What a fit is going to take, in a line or two before it begins."""

from typing import TYPE_CHECKING

from tabgan_cli.screen import note

if TYPE_CHECKING:
    from tabgan.forecast import Forecast


def show_forecast(forecast: "Forecast") -> None:
    """Say how large the table is for the model, and what memory and disk training takes."""
    for line in forecast_lines(forecast):
        note(line)


def forecast_lines(forecast: "Forecast") -> list[str]:
    """The same as lines."""
    from tabgan.forecast import in_words

    learnt = "" if forecast.n_learnt == forecast.n_rows else f", of which {forecast.n_learnt:,} are learnt from"
    memory = f"about {in_words(forecast.memory_bytes)} of memory"
    if forecast.available_bytes is not None:
        memory += f", {in_words(forecast.available_bytes)} are there"
    lines = [
        f"{forecast.n_rows:,} rows x {forecast.n_columns:,} columns{learnt}; a row is {forecast.n_codes:,} codes with "
        f"{forecast.n_units:,} categories in all; training takes {memory}"
    ]
    if forecast.disk_bytes:
        lines.append(f"{in_words(forecast.disk_bytes)} of temporary files are written to {forecast.folder}")
    return lines
