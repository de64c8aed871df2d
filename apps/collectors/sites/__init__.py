"""Addresses that a body's own site names: reading a few of its pages, telling its accounts from everything else."""
