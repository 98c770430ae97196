"""Who did what to whose conversation: an append-only record without any message text."""
