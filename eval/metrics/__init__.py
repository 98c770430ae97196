"""Measures with intervals, over arrays; nothing here reads files or texts."""
