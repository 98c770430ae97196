"""Conversations and the counsellor queues they wait in."""
