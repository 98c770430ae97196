"""Suggestions for counsellors by a language model on the operator's own host; off by default."""
