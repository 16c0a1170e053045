"""The verbs of referrals: the only writers of their rows."""
