"""Where time and memory go, what the machine would allow, and whether a change made anything slower."""
