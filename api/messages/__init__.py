"""Receive a message: store it, triage it, queue its conversation, answer."""
