"""Finding sensitive data in text: plain Python round Presidio's AnalyzerEngine, without Django and without network."""
