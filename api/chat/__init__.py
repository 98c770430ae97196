"""The chat page (聊天页) for a young person."""
