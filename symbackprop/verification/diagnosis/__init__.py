"""What went wrong in a refuted formula: single edits of the author's own LaTeX, tried until one makes it true."""
