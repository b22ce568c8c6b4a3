"""Lesson 09: layer norm, feed-forward network, residual stream, and blocks that stack."""
