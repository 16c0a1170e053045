"""Referral asks."""
