"""Content negotiation: whether the client accepts gzip."""


def accepts_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding header asks for gzip: named, or by *, and not with a weight of 0."""
    weights = dict(_parse_weight(part) for part in header.lower().split(",") if part.strip())
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _parse_weight(part: str) -> tuple[str, float]:
    coding, _semicolon, rest = part.partition(";")
    _name, _equals, weight = rest.partition("=")
    try:
        return coding.strip(), float(weight or 1)
    except ValueError:
        return coding.strip(), 0.0
