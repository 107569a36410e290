"""Every figure of the README: `make bench`, or `python -m benchmarks.NAME` for one."""
