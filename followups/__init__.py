"""Touches, plans, letting go."""
