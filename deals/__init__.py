"""Accounts, people, pipeline, closing."""
