"""Trains the recogniser of names: sentences and lists written for this project, made-up people, public prompts."""
