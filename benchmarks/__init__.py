"""Where we stand against plain SQL on the same data (quality.md, Speed). Measured, never typed in."""
