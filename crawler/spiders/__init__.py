"""Spiders: what is asked for, and what one response becomes."""
