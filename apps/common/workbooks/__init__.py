"""Workbooks unfolded into rows of typed cells, in a process of its own (`unfold`); nothing of the project is imported here."""
