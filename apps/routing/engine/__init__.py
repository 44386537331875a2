"""The decision core of routing: plain Python, no Django, no network, no clock. The same input gives the same output."""
