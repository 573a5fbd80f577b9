"""A backend for Interlingua, in a package of its own."""
