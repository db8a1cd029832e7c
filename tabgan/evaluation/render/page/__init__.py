"""A report as one HTML page that people can look at, filter, print and pass on; it holds all that it needs.

`to_html` shows a `Report`. `page` puts together any page of sections in the same dress.
"""

from tabgan.evaluation.render.page.charts import Chart
from tabgan.evaluation.render.page.document import Section, page
from tabgan.evaluation.render.page.whole import to_html

__all__ = ["Chart", "Section", "page", "to_html"]
