"""The elements of a page around a link: in which region it stands, and in which row or block of links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from apps.collectors.sites import structured

REGION_NAME: Final = re.compile(
    r"(?:(?:site|page|main|l|b|layout)[-_]*)*(?P<name>header|footer|head|foot|top|bottom|topbar|toolbar|shapka|podval)"
    r"(?:[-_]*(?:top|bottom|wrap|wrapper|inner|in|container|content|block|area|line|bar|left|right|center|menu|row|main|cont))*"
    r"\d*",
    re.I,
)  # fmt: skip
SOCIAL_NAME: Final = re.compile(
    r"(?:^|[-_ ])(?:soc|social|socials|socseti|sns|follow|networks?|smm)|soc[-_]", re.I
)

OF_NETWORKS: Final = re.compile(
    r"соц\w*\W{0,3}сет|әлеуметтік\s+желі|social\s+(?:media|network)|follow\s+us|подписывайтесь|жазылыңыз|бізді\s+бақыла",
    re.I,
)


class Region(StrEnum):
    HEADER = "header"
    FOOTER = "footer"
    MAIN = "main"
    ASIDE = "aside"
    PAGE = "page"  # none that the page tells apart


@dataclass(eq=False)
class Element:
    """An open element and what stands inside it."""

    tag: str
    names: tuple[str, ...]  # its classes and id
    parent: "Element | None"
    depth: int
    links: int = 0
    accounts: dict[str, set[str]] = field(default_factory=dict)  # network -> accounts linked inside
    text: str = ""
    heading: str = ""  # words of the headings right inside
    role: str = ""  # a region that the page gives it: header, footer, main
    described_as: str = ""  # its itemtype

    def chain(self) -> Iterator["Element"]:
        """Go from this element outwards."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    @property
    def region(self) -> Region:
        """Tell the outermost region that the element lies in: an article's header is not the page's."""
        region = Region.PAGE
        for element in self.chain():
            region = _region_of(element) or region
        return region

    @property
    def is_social(self) -> bool:
        """Tell whether an element around says by its name that it holds links to networks."""
        return self.social_block is not None

    @property
    def social_block(self) -> "Element | None":
        """Find the nearest element around that is called, or headed, as the place of links to networks."""
        near = [element for _, element in zip(range(4), self.chain(), strict=False)]
        for element in near:
            if any(SOCIAL_NAME.search(name) for name in element.names):
                return element
            if OF_NETWORKS.search(element.heading) and element.tag not in ("body", "html", "main", "article"):
                return element
        return None

    @property
    def row(self) -> "Element | None":
        """Find the nearest element around that is a row of links to several networks, and hardly of anything else."""
        if any(element.tag == "article" for element in self.chain()):
            return None  # links in a text
        for element in self.chain():
            if element.tag in ("body", "html", "main"):
                return None
            held = sum(len(accounts) for accounts in element.accounts.values())
            if len(element.accounts) >= 2:
                return element if held * 2 >= element.links - 2 else None
        return None


def describes_a_body(element: Element) -> bool:
    """Tell whether the item that an element is said of is a body; one of no kind may be."""
    return structured.is_body(next((one.described_as for one in element.chain() if one.described_as), ""))


def _region_of(element: Element) -> Region | None:
    if element.role:
        return Region(element.role)
    match element.tag:
        case "header" | "nav":
            return Region.HEADER
        case "footer":
            return Region.FOOTER
        case "main" | "article":
            return Region.MAIN
        case "aside":
            return Region.ASIDE
        case "html" | "body":
            return None
    for name in element.names:
        if named := REGION_NAME.fullmatch(name):
            return (
                Region.FOOTER
                if named["name"].lower() in ("footer", "foot", "bottom", "podval")
                else Region.HEADER
            )
    return None
