"""Campaigns that look for faults of backends, runtimes and passes on generated modules."""
