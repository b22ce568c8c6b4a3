"""The student kernel: a process that runs a submission, and the grading side of its pipe."""
