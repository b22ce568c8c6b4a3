"""Lesson 06: additive attention, and a translator that shows what it is for."""
