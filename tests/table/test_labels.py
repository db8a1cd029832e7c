from tabgan.table.labels import check_names, place_name


def test_a_nameless_column_is_called_by_its_place() -> None:
    assert place_name(2, ["a", "b", ""]) == "column_3"
    assert place_name(0, ["", "column_1", "column_1_"]) == "column_1__"


def test_shared_names_are_found_with_their_places() -> None:
    assert check_names(["a", "b"]) == []
    problems = check_names(["a", "b", "a", "b", "a"])
    assert len(problems) == 2
    assert "columns 1, 3, 5" in problems[0]
    assert "'a'" in problems[0]
