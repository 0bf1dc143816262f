"""Lets ``python -m symbackprop`` start the command line."""

from symbackprop.cli import main

raise SystemExit(main())
