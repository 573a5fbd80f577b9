"""Finding out what is wrong: comparing, fuzzing, reducing, bisecting."""
