"""What produces every figure in the README: `make bench`, or `python -m benchmarks.NAME` for one."""
