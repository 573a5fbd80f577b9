"""What is known of a file format on its own, for the frontend that reads it and the backend that writes it."""
