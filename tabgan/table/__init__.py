"""The table wing: tables in, tables out, with NumPy, pandas and PyArrow, and never torch."""
