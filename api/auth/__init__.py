"""Who may do what: roles, guards on routes, tokens, staff accounts and sessions."""
