"""Proving a claim for all widths by a normal form over free generators."""
