"""System checks of the environment; a start is ended by the same mistakes (kzmedia/environment.py)."""

from typing import Any

from django.core.checks import Error


def check_environment(**options: Any) -> list[Error]:
    """Return an error for every variable that holds something else than it may."""
    from kzmedia import settings  # by now Django has read them

    return [
        Error(str(mistake), hint=f"Set {mistake.name} to {mistake.meant}, or leave it out.", id=mistake.id)
        for mistake in settings.env.mistakes
    ]
