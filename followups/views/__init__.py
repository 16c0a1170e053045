"""Pages and fragments of followups."""
