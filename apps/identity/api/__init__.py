"""REST of identity: oneself, devices, keys, people and teams."""
