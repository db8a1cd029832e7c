"""A report as text, Markdown, JSON or one HTML page: pixels and words, no statistics."""

from tabgan.evaluation.render.as_json import to_json
from tabgan.evaluation.render.as_markdown import to_markdown
from tabgan.evaluation.render.as_text import to_rich, to_text
from tabgan.evaluation.render.page import to_html
from tabgan.evaluation.render.page.training import training_to_html
from tabgan.evaluation.render.training_as_markdown import training_to_markdown

__all__ = ["to_html", "to_json", "to_markdown", "to_rich", "to_text", "training_to_html", "training_to_markdown"]
