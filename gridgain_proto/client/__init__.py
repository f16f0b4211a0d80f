"""The clients, caches, transactions and cursors, written once for every runtime."""
