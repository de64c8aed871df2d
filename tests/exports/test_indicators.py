import json

import pytest

from tests import reference
from tests.exports.reading import body, get, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def figures():
    reference.load()


def test_everything_in_its_order():
    response, content = get("indicators.csv")
    assert content.startswith(
        b"indicator,label,unit,geo,platform,segment,day,span,bound,value,source,locator,note\n"
    )
    assert response["X-Row-Count"] == "170"
    held = rows("indicators.csv")
    keys = [(row["indicator"], row["geo"], row["platform"], row["segment"], row["day"]) for row in held]
    assert keys == sorted(keys)


def test_values_keep_their_decimals_and_bounds():
    held = rows("indicators.csv?indicator=internet_penetration&geo=KZ")
    values = {(row["source"], row["day"][:4]): row["value"] for row in held}
    assert values["pearce2011", "2008"] == "11.00"
    assert values["internet-users-dataset", "2012"] == "61.90662766"
    assert values["koshkenov2022", "2022"] == "85.9"
    (durov,) = [row for row in rows("indicators.csv?platform=tiktok") if row["source"] == "ernur2022-tiktok"]
    assert (durov["bound"], durov["value"]) == (">", "7000000")


def test_the_language_chooses_the_label():
    labels = {row["label"] for row in rows("indicators.csv?indicator=population&lang=kk")}
    assert labels == {"Халық саны"}


def test_as_json_and_as_a_workbook():
    told = json.loads(body("indicators.json?indicator=population&geo=World"))
    assert [row["value"] for row in told["rows"]] == [7980000000]
    assert [source["key"] for source in told["metadata"]["sources"]] == ["koshkenov2022"]
    assert body("indicators.xlsx").startswith(b"PK")


@pytest.mark.parametrize(
    "query", ["indicator=nothing", "geo=Mars", "actor=abenov", "group=parties", "from=2020"]
)
def test_a_wrong_parameter_is_refused(query):
    response, content = get(f"indicators.csv?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in content.decode()
