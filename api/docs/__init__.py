"""The documentation page of the HTTP interface, from our own files only."""
