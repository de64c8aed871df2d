"""Platforms that answer from this machine, in the shapes of docs/platforms.md: a real server, real sockets."""
