"""What a person does to an explorer on a page, and what they read there, by the names that api.md fixes."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

PATIENCE = 60_000
CONTROLS = "input, select, textarea, button, [role=tab], [role=slider]"


def explorer(page: Page, n: int = 0) -> Locator:
    """The n-th explorer of the page, drawn."""
    root = page.locator(".adviz-explorer").nth(n)
    expect(root).to_be_visible(timeout=PATIENCE)
    expect(root).to_have_attribute("data-step", "0", timeout=PATIENCE)
    return root


def choose(root: Locator, mode: str) -> None:
    root.get_by_role("tab", name=mode, exact=True).click()
    shows(root, mode=mode.lower())


def shows(root: Locator, **state: str | int) -> None:
    """The root says so: shows(root, step=17, mode="reverse")."""
    for name, value in state.items():
        expect(root).to_have_attribute(f"data-{name}", str(value), timeout=PATIENCE)


def steps_of(root: Locator) -> int:
    return int(root.get_attribute("data-steps") or -1)


def press(root: Locator, name: str) -> None:
    root.get_by_role("button", name=name, exact=True).click()


def reads(root: Locator, index: int, kind: str, value: str) -> None:
    """The cell of that row and column shows exactly that number."""
    expect(root.locator(f'tr[data-index="{index}"] td[data-kind="{kind}"]')).to_have_text(value, timeout=PATIENCE)


def enter(root: Locator, name: str, value: str) -> None:
    """Types a number into the field of an input."""
    field = root.locator(f'input[data-input="{name}"]')
    field.fill(value)
    field.press("Enter")


def tab_to_the_stage(root: Locator) -> None:
    """Focus where the arrow keys step: moved there from the selected tab by the Tab key alone."""
    root.get_by_role("tab", selected=True).focus()
    for key in ("Shift+Tab", "Shift+Tab", *("Tab",) * 30):
        root.page.keyboard.press(key)
        if root.evaluate("(root, controls) => { const { activeElement } = root.getRootNode(); return root.contains(activeElement) && !activeElement.matches(controls); }", CONTROLS):
            return
    raise AssertionError("the Tab key reaches no place in the explorer but its controls")
