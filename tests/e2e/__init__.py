"""The service as people use it: the real command, the shipped classifier, a real browser."""
