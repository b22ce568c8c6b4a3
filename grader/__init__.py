"""Attend's autograder: builds the course, proves its tests, and grades submissions."""

__version__ = "0.1.0"
