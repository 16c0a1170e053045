"""Reviews and the buyer's word."""
