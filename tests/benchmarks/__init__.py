"""What is measured, and how it is printed."""

WIDTH = 140
"""Columns of a table that is not printed to a terminal."""
