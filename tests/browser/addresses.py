"""The addresses that are looked at: by axe, and as pictures. {} is the language."""

PUBLIC = {
    "overview": "/{}/",
    "overview-line": "/{}/?view=line",
    "standings": "/{}/standings/?since=1y",
    "standings-nothing": "/{}/standings/?q=zzzz&platform=wrong",
    "groups": "/{}/groups/",
    "group": "/{}/groups/abenov-vs-agencies/",
    "group-line": "/{}/groups/abenov-vs-agencies/?view=line",
    "actors": "/{}/actors/",
    "actor": "/{}/actors/abenov/",
    "actor-youtube": "/{}/actors/tazabek/",
    "compare": "/{}/compare/",
    "context": "/{}/context/",
    "events": "/{}/context/events/",
    "data": "/{}/data/",
    "search": "/{}/search/?q=министерство",
    "search-nothing": "/{}/search/?q=щщщщ",
    "search-empty": "/{}/search/",
    "editions": "/{}/editions/",
    "corrections": "/{}/corrections/",
    "method": "/{}/method/",
    "status": "/{}/status/",
    "login": "/{}/accounts/login/",
    "not-found": "/{}/actors/nobody/",
}

# Charts in frames on other sites.
FRAMES = {
    "frame": "/embed/overview?lang={}",
    "frame-bars": "/embed/standings?platform=facebook&lang={}",
    "frame-compare": "/embed/compare?view=share&lang={}",
    "frame-none": "/embed/nowhere?lang={}",
}
