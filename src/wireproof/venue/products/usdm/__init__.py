"""USDⓈ-M futures."""
