"""Actions of followups: the only writers of its models."""
