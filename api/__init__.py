"""How the service runs: HTTP, people, storage. What is decided, and why, lives in ``triage``."""
