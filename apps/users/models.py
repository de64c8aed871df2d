from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Someone who signs in: an editor, an admin or a press officer. Readers need no account."""
