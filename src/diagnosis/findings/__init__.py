"""What was found to be wrong: named, counted, and written so that somebody else can run it."""
