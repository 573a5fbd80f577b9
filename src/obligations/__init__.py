"""Rewrites as obligations: what takes another's place is cut out with it, and both are shown to be one."""
