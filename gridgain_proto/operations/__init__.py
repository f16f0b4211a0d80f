"""Requests and answers as data, one module for each family of operations."""
