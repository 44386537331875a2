"""One file per wire protocol. Plain Python: no Django here, and network clients nowhere else in this app."""
