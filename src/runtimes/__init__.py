"""Runners: models in their real runtimes, each in a process of its own."""
