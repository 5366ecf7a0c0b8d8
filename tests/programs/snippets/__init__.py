"""Pieces of user code, each with what it is: closed (compiled) or open (run step by step)."""

from . import functions, layers, names, parts
from .case import CLOSED, OPEN, SNIPPETS, Case, Snippet

__all__ = ["CLOSED", "OPEN", "SNIPPETS", "Case", "Snippet", "functions", "layers", "names", "parts"]
