"""Lesson 03: attention over distances, attention that picks one key, attention in a window."""
