"""The credentials of adapters that ask a platform with one token."""


class TokenAccess:
    """Hold the platform's base address, the token and who asks; without a token nothing is asked."""

    default_url: str

    def __init__(self, *, api_url: str = "", token: str = "", contact: str = "") -> None:
        self._api_url = api_url or self.default_url
        self._token = token.strip()
        self._contact = contact

    @property
    def is_configured(self) -> bool:
        return bool(self._token)
