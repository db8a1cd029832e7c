import pytest

ABOUT = {
    "machine": {"cpu": "abacus", "cores": 2, "memory_gib": 24},
    "versions": {"python": "3.11", "torch": "2.13.0"},
    "commit": "abc",
    "date": "2026-01-01",
    "seed": 0,
}


@pytest.fixture
def pieces():
    """A document of ratios whose pieces are this many times as slow as at first, with a noise of 1 %."""

    def build(noise=0.01, repeats=5, machine=None, **factors):
        ratios = {"draw": 6.5, "encode": 2.0, "critic": 3.9} | {}
        spread = [1 + noise * (i - (repeats - 1) / 2) for i in range(repeats)]
        return {
            **ABOUT,
            "machine": machine or ABOUT["machine"],
            "format": 1,
            "pieces": {
                name: {
                    "seconds": [0.02 * ratio * factors.get(name, 1.0) * one for one in spread],
                    "ratios": [ratio * factors.get(name, 1.0) * one for one in spread],
                }
                for name, ratio in ratios.items()
            },
        }

    return build


@pytest.fixture
def about():
    return ABOUT


@pytest.fixture
def calibration():
    """A machine of round numbers: 100 GFLOP/s, 10 GB/s of memory, 100 GB/s of cache, 10^9 exponentials a second."""

    def rate(value):
        return {"best": value, "median": 0.9 * value, "sd": 0.1, "n": 9}

    return {
        "product_gflops": {"1": {"8x8x8": rate(50.0), "64x64x64": rate(100.0)}, "2": {"8x8x8": rate(180.0)}},
        "memory_read_gb_s": rate(20.0),
        "memory_copy_gb_s": rate(10.0),
        "cache_copy_gb_s": rate(100.0),
        "softmax_melements_s": rate(1000.0),
        "python_call_ns": rate(25.0),
        "kernel_launch_us": rate(2.0),
        "disk_read_gb_s": rate(2.0),
        "workload_s": rate(0.02),
    }
