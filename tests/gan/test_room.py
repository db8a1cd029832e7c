import pytest

from tabgan.errors import InputError
from tabgan.gan.room import MAX_UNITS, require_room
from tabgan.layout import ColumnSlots, Layout


def test_a_row_may_be_as_wide_as_memory_allows_and_no_wider() -> None:
    fits = Layout((ColumnSlots("id", (MAX_UNITS - 2,)), ColumnSlots("b", (2,))))
    require_room(fits)
    with pytest.raises(InputError, match=r"got 100,001; .* 'id' \(99,998 categories\), 'b' \(3 categories\)"):
        require_room(Layout((ColumnSlots("b", (3,)), ColumnSlots("id", (MAX_UNITS - 2,)))))
