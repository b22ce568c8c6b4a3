"""Lesson 04: attention itself, and why its scores are divided by a square root."""
