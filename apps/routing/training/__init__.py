"""How the intent recogniser is trained: one command, the same artefact each time. Not imported when serving."""
