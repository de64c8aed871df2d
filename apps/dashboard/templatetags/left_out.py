"""Sentences for what the platforms' terms leave out of the page's numbers."""

from django import template
from django.utils.functional import Promise

from apps.snapshots import terms

register = template.Library()


@register.simple_tag
def left_out_by_terms() -> list[str | Promise]:
    return terms.notes()
