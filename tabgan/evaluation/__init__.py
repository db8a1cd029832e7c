"""The evaluation wing: real against synthetic, with NumPy, SciPy and scikit-learn, and never torch."""
