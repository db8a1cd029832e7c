import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from tabgan.evaluation.render.page import Chart, Section, page
from tabgan.evaluation.render.page.document import embedded

CHART = Chart(key="one", spec={"kind": "bars", "labels": ["</script><b>"]}, described="a 'chart' & \"more\"")
SECTION = Section(anchor="first", title="First <things>", body=CHART.html(), charts=(CHART,))


def test_a_page_is_well_formed_and_needs_nothing_else(parsed, nasty):
    found = parsed(page(nasty, [SECTION], lead="<p>lead</p>\n"))
    assert found.text.count(nasty) == 2
    assert found.links == ["#first"]
    assert found.tags.count("script") == 4
    assert not {"img", "link", "iframe"} & set(found.tags)
    assert len(set(found.ids)) == len(found.ids)


def test_only_the_scripts_of_the_page_may_run():
    html = page("title", [SECTION])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html).group(1)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 3
    for script in scripts:
        assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_data_cannot_end_their_element_and_come_back_as_they_were():
    data = {"</script>": ["<!--", "\u2028\u2029 & ü"]}
    text = embedded(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == data


def test_data_of_the_charts_are_in_the_page():
    html = page("title", [SECTION])
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', html).group(1)
    assert json.loads(text) == {"one": CHART.spec}


def test_two_charts_of_one_key_are_refused():
    with pytest.raises(ValueError, match="different key"):
        page("title", [SECTION, SECTION])
