"""Lesson 01, dot products: how attention compares one vector with many."""
