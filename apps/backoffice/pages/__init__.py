"""The editor's own pages inside the admin site: adding in bulk, the reading round, imports."""
