import pandas as pd

from benchmarks.fidelity.peers.tables import fill_gaps, open_gaps, read_train

JOB = {"numeric": ["x", "y"], "categorical": ["c", "flag"]}


def test_categories_are_text_and_gaps_survive_the_way_there_and_back(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("x,c,y,flag\n1,7,0.5,True\n,NA,1.5,False\n3,,2.5,True\n")
    table = read_train(path, JOB)
    assert table["c"].tolist() == ["7", "NA", None]
    assert table["flag"].tolist() == ["True", "False", "True"]
    filled, categorical = fill_gaps(table, JOB)
    assert categorical == ["c", "flag", "x is missing"]
    assert not filled.isna().any(axis=None)
    assert filled["x"].tolist() == [1.0, 2.0, 3.0]
    opened = open_gaps(filled, JOB)
    pd.testing.assert_frame_equal(opened, table)
