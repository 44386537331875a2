"""Suites of questions whose answers can be judged, and how they are judged."""
