"""What is personal in a text: rules by form and by context, and their word lists."""
