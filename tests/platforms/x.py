"""X: /2/users/by and /2/users. States: counted, suspended, protected."""

from tests.platforms.world import Known, Reply, Request, World, as_json

TOKEN = "local-x-token"  # noqa: S105 (opens nothing but this server)
TYPE = "https://api.x.com/2/problems/resource-not-found"


def answer(world: World, request: Request) -> Reply:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return as_json(
            {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401
        )
    parameter = "usernames" if request.path == "/2/users/by" else "ids"
    asked = request.one(parameter).split(",")
    if not 1 <= len(asked) <= 100:
        return invalid()
    data, errors = [], []
    for value in asked:
        known = world.find("x", value)
        if known is None or known.state == "suspended":
            errors.append(_error(parameter, value, known))
        else:
            data.append(_user(known, value if parameter == "ids" else ""))
    body: dict[str, object] = {}
    if data:
        body["data"] = list(reversed(data))
    if errors:
        body["errors"] = errors
    return as_json(body)


def _user(known: Known, number: str) -> dict[str, object]:
    return {
        "id": known.id or number or str(10**9 + sum(known.handle.encode())),
        "name": known.title,
        "username": known.handle,
        "verified": known.verified,
        "verified_type": "government" if known.verified else "none",
        "protected": known.state == "protected",
        "public_metrics": {"followers_count": known.followers, "following_count": 48, "post_count": 14052},
        **known.more,
    }


def _error(parameter: str, value: str, known: Known | None) -> dict[str, object]:
    absent = known is None
    said = "Could not find user with" if absent else "User has been suspended:"
    return {
        "value": value,
        "detail": f"{said} {parameter}: [{value}].",
        "title": "Not Found Error" if absent else "Forbidden",
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": value,
        "type": TYPE,
    }


def invalid() -> Reply:
    problem = "https://api.x.com/2/problems/invalid-request"
    return as_json(
        {"title": "Invalid Request", "detail": "One or more parameters were invalid.", "type": problem}, 400
    )


def problem(status: int, title: str, kind: str, detail: str = "said so", **more: str) -> Reply:
    return as_json({"title": title, "detail": detail, "type": kind, "status": status, **more}, status)
