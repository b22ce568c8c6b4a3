"""Hands in JSON nested a hundred thousand deep."""

STATUS = {"score_matrix": "unreadable"}


def transform(notebook):
    """Put brackets in brackets."""
    return b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
