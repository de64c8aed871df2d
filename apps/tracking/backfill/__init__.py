"""History from public archives: what Wikidata and the Wayback Machine know of the accounts that are tracked.

Nothing here writes by itself: `findings.record` does, through tracking's own recording, and never over what stands.
"""
