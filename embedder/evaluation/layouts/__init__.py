"""Readers of data sets as their makers publish them, one module each."""
