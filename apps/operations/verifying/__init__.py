"""Whether the stores agree with one another: what `manage.py verify_stores` checks, reading only.

Each module holds checks over facts that the owning apps hand out in batches, so that memory is bounded however large an
installation is. A check yields `Violation`s; `running` puts them in order and reads everything at one moment.
"""
