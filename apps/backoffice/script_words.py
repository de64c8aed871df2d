"""What the admin's own scripts say: calendars, the counter of chosen rows. Django's Kazakh lacks most of it or says it wrongly."""

from typing import Any, Final

from django.utils.translation import get_language
from django.views.i18n import JavaScriptCatalog

MONTHS: Final = {
    "January": "Қаңтар", "February": "Ақпан", "March": "Наурыз", "April": "Сәуір", "May": "Мамыр", "June": "Маусым",
    "July": "Шілде", "August": "Тамыз", "September": "Қыркүйек", "October": "Қазан", "November": "Қараша", "December": "Желтоқсан",
}  # fmt: skip
DAYS: Final = {
    "Sunday": "Жексенбі", "Monday": "Дүйсенбі", "Tuesday": "Сейсенбі", "Wednesday": "Сәрсенбі", "Thursday": "Бейсенбі",
    "Friday": "Жұма", "Saturday": "Сенбі",
}  # fmt: skip
SHORT_DAYS: Final = {
    "Sunday": "Жс", "Monday": "Дс", "Tuesday": "Сс", "Wednesday": "Ср", "Thursday": "Бс", "Friday": "Жм", "Saturday": "Сб",
}  # fmt: skip
CONTEXT: Final = "\x04"  # stands between a text's context and the text
KAZAKH: Final = {
    **MONTHS,
    **DAYS,
    **{f"abbrev. month {month}{CONTEXT}{month[:3]}": MONTHS[month][:3].lower() for month in MONTHS},
    **{
        f"abbrev. day {day}{CONTEXT}{day[:4] if day == 'Thursday' else day[:3]}": SHORT_DAYS[day]
        for day in DAYS
    },
    **{f"one letter {day}{CONTEXT}{day[0]}": SHORT_DAYS[day] for day in DAYS},
    "%(sel)s of %(cnt)s selected": "Таңдалғаны — %(sel)s, барлығы %(cnt)s",
    "Now": "Қазір",
    "Midnight": "Түн ортасы",
    "6 a.m.": "06:00",
    "Noon": "Талтүс",
    "6 p.m.": "18:00",
    "Note: You are %s hour ahead of server time.": "Ескертпе: сіздегі уақыт серверден %s сағат ілгері.",
    "Note: You are %s hour behind server time.": "Ескертпе: сіздегі уақыт серверден %s сағат кейін.",
    "Choose a Time": "Уақытты таңдаңыз",
    "Choose a time": "Уақытты таңдаңыз",
    "Choose a Date": "Күнді таңдаңыз",
    "Cancel": "Бас тарту",
    "Today": "Бүгін",
    "Yesterday": "Кеше",
    "Tomorrow": "Ертең",
    "Filter": "Сүзгі",
    "You have unsaved changes on individual editable fields. If you run an action, your unsaved changes will be lost.": (
        "Сақталмаған өзгерістер бар. Әрекет орындалса, олар жоғалады."
    ),
    "You have selected an action, but you haven’t saved your changes to individual fields yet. Please click OK to save. You’ll need to re-run the action.": (
        "Әрекет таңдалды, бірақ өзгерістер әлі сақталмады. Сақтау үшін OK басыңыз, содан кейін әрекетті қайта орындаңыз."
    ),
    "You have selected an action, and you haven’t made any changes on individual fields. You’re probably looking for the Go button rather than the Save button.": (
        "Әрекет таңдалды, ал өзгеріс жоқ. Сізге «Сақтау» емес, «Орындау» түймесі керек болар."
    ),
}


class ScriptWords(JavaScriptCatalog):
    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        """Return the texts of the scripts in the language of the desk, by their English."""
        catalog: dict[str, Any] = super().get_catalog()
        return {**catalog, **KAZAKH} if get_language() == "kk" else catalog
