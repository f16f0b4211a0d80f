"""The command line ``gridgain``: a first look, an embedded node, caches, SQL, loading and dumping.

It needs the extra ``cli`` (click, rich, prompt_toolkit).
"""
