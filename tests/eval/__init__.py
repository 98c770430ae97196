"""Tests of the offline evaluation."""
