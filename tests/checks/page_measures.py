"""What a browser measures of a page: overflow, size and contrast of texts, names, headings."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SMALLEST_TEXT = 12
"""In pixels."""

MEASURE = r"""() => {
  const shown = [...document.body.querySelectorAll('*')].filter(e => e.getClientRects().length);
  const texts = shown.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const rgba = text => text.match(/[\d.]+/g).map(Number);
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = e => {
    const colour = e ? rgba(getComputedStyle(e).backgroundColor) : [255, 255, 255];
    return colour[3] === 0 ? behind(e.parentElement) : colour;
  };
  const contrast = e => {
    const both = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  const unnamed = document.querySelectorAll('input:not([type=hidden]), select');
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    smallest: Math.min(...texts.map(e => parseFloat(getComputedStyle(e).fontSize))),
    faint: texts.filter(e => contrast(e) < 4.5).map(e => e.textContent.trim()),
    unlabelled: [...unnamed].filter(e => !e.labels.length).map(e => e.name),
    headings: document.querySelectorAll('h1').length,
  };
}"""


def faults_of(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page for people who use it otherwise."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
