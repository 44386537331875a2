"""The demo model server: a process of its own that speaks OpenAI's protocol, so that OpenRoute can be tried offline.

It says in every answer that it is a demo. Plain Python and uvicorn, no Django: it starts in a fraction of a second.
"""
