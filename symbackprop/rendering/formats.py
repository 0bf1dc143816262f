"""The formats a page can be written in; each is one small file that registers a function from page to text."""

from collections.abc import Callable

from symbackprop.registry import Registry
from symbackprop.rendering.page import Page

formats: Registry[Callable[[Page], str]] = Registry("format")
