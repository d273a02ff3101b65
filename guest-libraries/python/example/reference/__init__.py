"""The modules of the server, one for each feature."""
