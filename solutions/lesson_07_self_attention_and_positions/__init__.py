"""Lesson 07: self-attention, and how it learns where each token stands."""
