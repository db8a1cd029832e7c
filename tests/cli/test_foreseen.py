from tabgan.forecast import Forecast
from tabgan_cli.foreseen import forecast_lines

FORECAST = Forecast(32_561, 32_561, 15, 19, 271, 600 << 20, 22 << 30)


def test_a_fit_says_what_it_takes_before_it_trains(run, table, quick):
    shown = run("fit", table, *quick).stderr
    line = next(line for line in shown.splitlines() if "training takes about" in line)
    assert line.startswith("200 rows x 3 columns; a row is ")
    assert shown.index(line) < shown.index("training: 10 %")
    assert shown.count("training takes about") == 1


def test_several_seeds_say_it_once(run, table, quick):
    shown = run("fit", table, *quick, "--seeds", "2", "--processes", "1", "--holdout", "0.2").stderr
    assert shown.count("training takes about") == 1


def test_a_fit_without_room_is_refused_in_words(refuses, table, quick, folder):
    wide = ("--critic-width", "65536", "--critic-blocks", "64")
    refuses("fit", table, *quick, *wide, says=("nothing has been learnt yet", "what to change", "critic_width"))
    assert not list(folder.glob("*.tabgan*"))


def test_lines_say_rows_codes_memory_and_disk():
    assert forecast_lines(FORECAST) == [
        "32,561 rows x 15 columns; a row is 19 codes with 271 categories in all; training takes about 600 MiB of "
        "memory, 22.0 GiB are there"
    ]
    large = Forecast(10**8, 10**6, 20, 40, 900, 3 << 30, None, disk_bytes=2 << 30, folder="/tmp/x")
    assert forecast_lines(large) == [
        "100,000,000 rows x 20 columns, of which 1,000,000 are learnt from; a row is 40 codes with 900 categories in "
        "all; training takes about 3.0 GiB of memory",
        "2.0 GiB of temporary files are written to /tmp/x",
    ]
