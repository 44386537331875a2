"""A seeded soak: people, programs and misfortune over one installation, and what they were promised meanwhile.

`stand` is the installation, `people` and `programs` use it, `misfortune` ends parts of it, `diary` remembers the acts
and every promise that was made, `reckoning` looks at the end whether all of them were kept.
"""
