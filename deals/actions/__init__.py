"""What people and programs do with deals. Nothing else writes these models."""
