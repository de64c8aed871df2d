"""What search engines and catalogues of data read: JSON-LD of a page, DCAT of the datasets, OpenSearch."""

from typing import Any, Final
from xml.etree import ElementTree  # nosec B405: nothing is read with it

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, override

from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import without_parameters
from apps.exports import licensing, package
from apps.figures import formats
from apps.ledger.reads import label_for

CONTEXT: Final = "https://schema.org"
SECTIONS: Final = {
    "standings": gettext_lazy("Standings"),
    "groups": gettext_lazy("Groups"),
    "actors": gettext_lazy("Actors"),
    "data": gettext_lazy("Data"),
    "editions": gettext_lazy("Editions"),
    "corrections": gettext_lazy("Corrections"),
}
WITH_DATA: Final = (
    "",
    "standings",
    "groups",
    "actors",
    "data",
    "editions",
    "compare",
)  # pages that show the dataset
FILES: Final = (
    ("/export/snapshots.csv", "text/csv", "https://publications.europa.eu/resource/authority/file-type/CSV"),
    ("/export/snapshots.json", "application/json", "https://publications.europa.eu/resource/authority/file-type/JSON"),
    ("/export/snapshots.parquet", "application/vnd.apache.parquet", "https://publications.europa.eu/resource/authority/file-type/PARQUET"),
    ("/data/package.zip", "application/zip", "https://publications.europa.eu/resource/authority/file-type/ZIP"),
)  # fmt: skip


def graph(request: HttpRequest, title: str, description: str) -> dict[str, Any]:
    """Return the JSON-LD of a page: who publishes it, where it stands, and the dataset where it shows one."""
    language, *steps = [step for step in request.path.split("/") if step] or ["en"]
    things = [_organization(), _breadcrumbs(language, steps, title, request.path)]
    if language in formats.LANGUAGES and (steps[0] if steps else "") in WITH_DATA:
        things.append(_dataset(request, title if steps else "", description))
    return {"@context": CONTEXT, "@graph": things}


def _organization() -> dict[str, Any]:
    return {
        "@type": "Organization",
        "@id": f"{settings.SITE_URL}/#organization",
        "name": "KZMedia",
        "url": f"{settings.SITE_URL}/",
        "logo": f"{settings.SITE_URL}/static/favicon.svg",
    }


def _breadcrumbs(language: str, steps: list[str], title: str, path: str) -> dict[str, Any]:
    places = [("KZMedia", f"/{language}/")]
    if len(steps) > 1 and steps[0] in SECTIONS:
        places.append((str(SECTIONS[steps[0]]), f"/{language}/{steps[0]}/"))
    if steps:
        places.append((title, path))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": number,
                "name": name,
                "item": {"@type": "WebPage", "@id": settings.SITE_URL + place},
            }
            for number, (name, place) in enumerate(places, 1)
        ],
    }


def _dataset(request: HttpRequest, title: str, description: str) -> dict[str, Any]:
    """Describe the dataset as Google's search for datasets asks for it."""
    licence = licensing.chosen()
    sealed = label_for(request)
    about = gettext(
        "KZMedia records how many followers state bodies, officials, parties and bloggers of Kazakhstan have, day by day, with the source of every number."
    )
    told: dict[str, Any] = {
        "@type": "Dataset",
        "@id": f"{settings.SITE_URL}{request.path}#dataset",
        "name": title or package.TITLE,
        "description": f"{description} {about}" if description and description != about else about,
        "url": settings.SITE_URL + request.path,
        "creator": {"@id": f"{settings.SITE_URL}/#organization"},
        "publisher": {"@id": f"{settings.SITE_URL}/#organization"},
        "keywords": list(package.KEYWORDS),
        "inLanguage": list(formats.LANGUAGES),
        "isAccessibleForFree": True,
        "spatialCoverage": {"@type": "Place", "name": "Kazakhstan"},
        "variableMeasured": {"@type": "PropertyValue", "name": "followers", "unitText": "followers, subscribers or members"},
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "KZMedia", "url": settings.SITE_URL + reverse("dcat")},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": settings.SITE_URL + address}
            for address, kind, _type in FILES
        ],
        "dateModified": timezone.localdate().isoformat(),
    }  # fmt: skip
    if licence:
        told["license"] = licence.address
    else:
        told["usageInfo"] = f"{settings.SITE_URL}/{formats.language()}/data/#licence"
    if sealed:
        told["version"] = sealed
    return told


@readable_anywhere
@without_parameters
def dcat(request: HttpRequest) -> HttpResponse:
    """Send the catalogue of the datasets, as DCAT 3 in JSON-LD."""
    licence = licensing.chosen()
    site, sealed = settings.SITE_URL, label_for(request)
    told = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@id": f"{site}{reverse('dcat')}",
        "@type": "dcat:Catalog",
        "dct:title": "KZMedia",
        "dct:description": package.ABSTRACT,
        "dct:publisher": {
            "@id": f"{site}/#organization",
            "@type": "foaf:Organization",
            "foaf:name": "KZMedia",
        },
        "foaf:homepage": {"@id": f"{site}/"},
        "dcat:dataset": [
            {
                "@id": f"{site}/en/data/#dataset",
                "@type": "dcat:Dataset",
                "dct:title": package.TITLE,
                "dct:description": package.ABSTRACT,
                "dct:identifier": f"{site}/data/package.zip",
                "dct:publisher": {"@id": f"{site}/#organization"},
                **({"dcat:version": f"ledger {sealed}"} if sealed else {}),
                "dct:language": list(formats.LANGUAGES),
                "dct:accrualPeriodicity": {
                    "@id": "http://publications.europa.eu/resource/authority/frequency/DAILY"
                },
                "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/KAZ"},
                "dcat:keyword": list(package.KEYWORDS),
                "dcat:landingPage": {"@id": f"{site}/en/data/"},
                "dcat:distribution": [
                    {
                        "@id": site + address,
                        "@type": "dcat:Distribution",
                        "dcat:downloadURL": {"@id": site + address},
                        "dcat:mediaType": kind,
                        "dct:format": {"@id": file_type},
                        **({"dct:license": {"@id": licence.address}} if licence else {}),
                    }
                    for address, kind, file_type in FILES
                ],
            }
        ],
    }
    return JsonResponse(told, content_type="application/ld+json")


@readable_anywhere
def opensearch(request: HttpRequest) -> HttpResponse:
    """Send what lets a browser search the site from its own field; lang says in which language."""
    asked = request.GET.get("lang", "")
    language = asked if asked in formats.LANGUAGES else "en"
    root = ElementTree.Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    with override(language):
        address = f"{settings.SITE_URL}{reverse('dashboard:search')}?q={{searchTerms}}"
        texts = {"ShortName": "KZMedia", "Description": gettext("Search by name"), "InputEncoding": "UTF-8", "Language": language}  # fmt: skip
    for name, text in texts.items():
        ElementTree.SubElement(root, name).text = text
    ElementTree.SubElement(root, "Url", {"type": "text/html", "method": "get", "template": address})
    content = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return HttpResponse(content, content_type="application/opensearchdescription+xml")
