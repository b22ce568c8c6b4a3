"""Lesson 05: masks, which say who may look at whom."""
