"""Tests of the simulated intake conversations."""
