from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "apps.users"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from apps.users import second_factor

        authenticator_added.connect(second_factor.on_added)
