"""The verbs of reviews: the only writers of their rows."""
