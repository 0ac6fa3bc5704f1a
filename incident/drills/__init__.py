"""Drills: the console played against a simulated outside that can start no process and reach no network.

One YAML in this folder is one scenario; nothing else has to be told about it.
"""
