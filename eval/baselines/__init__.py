"""What the model must beat: a keyword list and character n-grams, both honest and cheap."""
