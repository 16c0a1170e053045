"""A sample company to try out, or to measure with; marked, and removable whole."""
