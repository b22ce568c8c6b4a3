"""The commands of `grader`, one module each."""
