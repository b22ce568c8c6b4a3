"""Lesson 00, orientation: the workshop, how work is checked, and arrays without loops."""
