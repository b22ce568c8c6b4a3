"""Lesson 04: attention itself, and why its products are scaled."""
