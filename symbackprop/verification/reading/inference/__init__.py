"""Shapes of the letters that nobody declares, from all formulas of a note together."""
