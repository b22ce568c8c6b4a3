"""Lesson 02: softmax, temperature, weighted sums, and the gradient that flows through them."""
