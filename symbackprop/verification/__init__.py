"""Finds the formulas of notes, reads them, judges every claim, and reports what is right and what is wrong."""
