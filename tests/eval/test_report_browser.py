"""The report in a real browser: nothing overflows at any width, the filters work, nothing is fetched."""

from __future__ import annotations

import shutil

import pytest

from minimax_vl.eval.processes import Place
from minimax_vl.eval.report.content import Content
from minimax_vl.eval.report.files import write_reports
from minimax_vl.eval.run import Options, carry_out, plan_run
from minimax_vl.eval.summary import summarise
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.eval.testing import ScriptedPipeline

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    plan = plan_run(Options(DOCVQA, out=out, style="plain"))
    known = {q.text: q.answers[0] for q in plan.data.questions}
    replies = ScriptedPipeline(
        lambda prompt: known[prompt] if len(prompt) % 3 else known[prompt].upper() + " x" * 40
    )
    records = carry_out(plan, Place(), lambda: replies)
    facts = {"data": None, "device": "cpu"}
    write_reports(
        out, Content(DOCVQA, plan.settings, facts, records, summarise(DOCVQA, records), None), plan.data
    )
    return out / "report.html"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_in_a_browser(browser, report, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) > 380) == (scheme == "light")
    cards = page.locator("#worst .card")
    shown = page.locator("#worst .card:visible")
    assert shown.count() == cards.count() > 3
    page.fill("#text", "no page says this")
    assert shown.count() == 0
    page.fill("#text", "")
    page.select_option("#why", index=1)
    assert 0 < shown.count() <= cards.count()
    assert page.locator("#worst .card svg use").first.bounding_box()["width"] > 100
    assert complaints == []
    context.close()
