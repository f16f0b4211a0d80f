"""One client in a process of its own; only that client and the standard library are needed."""
