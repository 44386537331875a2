"""One file per strategy; a file in this folder is its registration."""
