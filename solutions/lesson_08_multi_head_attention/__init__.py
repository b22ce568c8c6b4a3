"""Lesson 08: attention with several heads."""
