"""Interlingua's own archive as a source."""
