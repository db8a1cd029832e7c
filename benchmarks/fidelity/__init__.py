"""The yardstick: how close, how useful, how discreet and how costly synthesizers are on five real tables."""
