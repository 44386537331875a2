"""The egress drill: an installation tries to make itself send private text outside, and puts on record what came of it.

It runs the whole of OpenRoute in a process of its own, on the real database, for a throw-away company whose models are
two sinks on this machine: one stands for a commercial provider, one for the company's own. The sinks keep every byte.
Canaries that no other text contains (`canaries`) go through every route (`probes`), also while the detector is dead,
while the models inside are away, and while the policy changes. What the outer sink has seen is then looked up.
"""
