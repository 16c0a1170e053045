"""Lists as files: CSV or XLSX, with their filters, that come in again unchanged."""
