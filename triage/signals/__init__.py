"""Danger signals found by phrase, with the context that changes what a phrase means."""
