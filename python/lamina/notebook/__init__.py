"""What a notebook shows of tensors, models and fits. Its modules are imported when something is shown.

curves    loss curves as SVG
tables    HTML of tensors, histories and Promises
live      outputs of a cell that change while something runs
"""

import sys

__all__ = ["in_notebook"]


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook. IPython is not imported to find out."""
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if get is None else get()
    return getattr(shell, "kernel", None) is not None
