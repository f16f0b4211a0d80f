"""This client beside its peers, end to end: see `benchmarks.compare.__main__`."""
