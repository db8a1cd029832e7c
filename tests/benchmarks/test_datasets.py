import pandas as pd

from benchmarks.fidelity.datasets import TASKS, load


def write(folder, name, table):
    (folder / name).mkdir()
    for part in ("train", "test"):
        table.to_csv(folder / name / f"{part}.csv", index=False)


def test_published_kinds_go_by_the_places_of_the_columns(data, tmp_path):
    found = load(data, "magic", "published", tmp_path)
    assert (len(found.numeric), found.categorical, found.target) == (10, ["class"], "class")
    assert found.schema.names == load(data, "magic", "inferred", tmp_path).schema.names


def test_published_kinds_drop_rows_with_gaps_and_make_codes_categories(tmp_path):
    names = ["year", "month", "day", "hour", "pm2.5", "DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"]
    rows = pd.DataFrame({name: [i % 30 for i in range(90)] for name in names}).assign(cbwd=["NE", "SW", "cv"] * 30)
    rows["pm2.5"] = rows["pm2.5"].astype(float).where(rows.index % 9 != 0)
    write(tmp_path, "beijing", rows)
    inferred = load(tmp_path, "beijing", "inferred", tmp_path)
    assert inferred.train.num_rows == 90
    assert "day" in inferred.numeric
    published = load(tmp_path, "beijing", "published", tmp_path)
    assert published.train.num_rows == published.test.num_rows == 80
    assert published.train["pm2.5"].null_count == 0
    assert published.categorical == ["year", "month", "day", "hour", "cbwd"]
    assert pd.read_csv(published.train_path)["pm2.5"].notna().all()


def test_the_places_cover_the_published_tables():
    assert {name: len(task.numeric) for name, task in TASKS.items()} == {
        "adult": 6,
        "default": 14,
        "shoppers": 10,
        "magic": 10,
        "beijing": 7,
    }
