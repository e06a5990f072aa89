"""What is asked of every page: no axe violation, and nothing that sticks out sideways."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from playwright.sync_api import Frame

from .gallery import View
from .people import LAPTOP
from .world import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that ask for colours, which are all that differs in the dark."""
WIDTHS = (320, 768, 1280)
LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitänsanwärterprüfungsvorbereitungsunterlagensammlung"
    " 🌊🏞️ שלום לכולם: Teil 12 (überarbeitet)"
)
"""A title as somebody will write it: a word that fits in no line, another direction."""


@cache
def axe_program() -> str:
    assert Path(AXE).is_file(), "axe-core is not installed: make install"
    return AXE.read_text(encoding="utf-8")


def examined(view: View) -> list[str]:
    """What is wrong with a page, light and dark."""
    view.frame.wait_for_load_state()  # words are there before the styles
    wrong = widths(view)
    view.frame.evaluate(axe_program())
    view.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wrong += [f"light: {one}" for one in violations(view.frame)]
    view.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    wrong += [f"dark: {one}" for one in violations(view.frame, COLOURS)]
    return wrong


def violations(frame: Frame, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds, by all rules or only by these; one line for each element."""
    found = frame.evaluate(
        """runOnly => axe.run(document, {
            runOnly, resultTypes: ['violations'], iframes: false,
        }).then(({violations}) => violations.flatMap(({id, help, nodes}) =>
            nodes.map(node => `${id} (${help}): ${node.target} ${node.any[0]?.message ?? ''}`)))""",
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS},
    )
    return [str(one) for one in found]


def too_wide(frame: Frame) -> str:
    """What sticks out sideways, or nothing."""
    told = frame.evaluate(
        """() => {
            // A dialog scrolls by itself, and what leaves a card in it may stay inside the dialog.
            const inside = ':is(form, section, .card, .input-row, .suggestions)';
            const boxes = document.querySelectorAll(
                `html, .button:not(.round), dialog[open], dialog[open] ${inside}`);
            return [...boxes].filter(box => box.scrollWidth > box.clientWidth + 1).map(box => {
                const edges = box.getBoundingClientRect();
                const out = [...box.querySelectorAll('*')].filter(element => {
                    const {left, right} = element.getBoundingClientRect();
                    return right > edges.right + 1 || left < edges.left - 1;
                });
                const name = element => element.id || element.className || element.tagName;
                return `${name(box)} ${box.scrollWidth} > ${box.clientWidth}: ${out.map(name)}`;
            }).join('; ');
        }"""
    )
    return str(told)


def with_long_names(view: View, names: Sequence[str]) -> list[str]:
    """What sticks out once everybody and everything named has a long name, at the outer widths."""
    for frame in {view.frame, view.page.main_frame}:
        frame.evaluate(
            """([names, long]) => {
                const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                while (nodes.nextNode()) {
                    const {data} = nodes.currentNode;
                    const said = names.reduce((text, name) => text.replaceAll(name, long), data);
                    if (said !== data) nodes.currentNode.data = said;
                }
            }""",
            [list(names), LONG],
        )
    return [f"with long names, {one}" for one in widths(view, (WIDTHS[0], WIDTHS[-1]))]


def widths(view: View, these: Sequence[int] = WIDTHS) -> list[str]:
    wide = []
    for width in these:
        view.page.set_viewport_size({"width": width, "height": LAPTOP[1]})
        for frame in {view.frame, view.page.main_frame}:
            told = too_wide(frame)
            if told:
                wide.append(f"{width} px wide, {frame.name or 'the page'}: {told}")
    return wide
