"""The composition root: the only place that shows all apps at once."""
