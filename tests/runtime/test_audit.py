"""Not reached is not the same as nothing found, and neither is a weakness."""

import json

import pytest

from tests import audit

FINE = {"name": "a", "version": "1", "vulns": []}
WEAK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        (None, 0, "was not reached"),
        ([UNKNOWN, UNKNOWN], 0, "knows none of our 2"),
        ([FINE, UNKNOWN], 0, "1 of 2 packages asked about"),
        ([FINE, WEAK], 1, "b 2: PYSEC-1, mended in 3"),
    ],
)
def test_what_is_said(packages, status, said):
    printed = "" if packages is None else json.dumps({"dependencies": packages})
    found = audit.verdict(printed)
    assert found[0] == status
    assert said in found[1]


def test_a_weakness_is_told_every_time_and_a_clean_answer_once_a_day(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(audit, "stamp", lambda: tmp_path / "stamp")
    answers = [[WEAK], [WEAK], [FINE]]
    monkeypatch.setattr(audit, "ask", lambda: json.dumps({"dependencies": answers.pop(0)}))
    assert [audit.main() for _time in range(4)] == [1, 1, 0, 0]
    assert answers == []
    assert capsys.readouterr().out.count("no weakness known") == 2
