"""The `policy:` section of the configuration file as values: read strictly, every mistake named by its path."""

from apps.policies.grammar.document import InvalidPolicy, parse

__all__ = ["InvalidPolicy", "parse"]
