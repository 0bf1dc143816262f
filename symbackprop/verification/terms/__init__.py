"""The language of claims, and what can be done to a term without judging it."""
