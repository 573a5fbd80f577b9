"""The text form: ``print_module`` and ``parse_module`` are inverse to one another."""
