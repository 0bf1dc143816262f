"""Deciding what the letters of a formula mean and turning its sides into claims over terms."""
