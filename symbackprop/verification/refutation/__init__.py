"""Refuting a claim by an exact or ball-certified point, evaluated again by a second evaluator."""
