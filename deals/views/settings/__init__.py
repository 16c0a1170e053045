"""The settings pages of deals: stages, reasons and playbooks, products, competitors, segments."""
