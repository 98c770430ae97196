"""The intake conversation (接案对话): what is known, what is still to be asked, and what is asked next."""
