"""History from public archives: what Wikidata and the Wayback Machine know of the accounts that are tracked.

Looking writes nothing. `findings.write` records as a batch of imported counts, never over what stands.
"""
