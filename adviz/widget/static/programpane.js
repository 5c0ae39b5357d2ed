// The generated derivative beside the learner's code, line by line: which line comes from which, and which does this step.

import { createChoice } from "./choice.js";
import { FOCUSABLE, html, SCROLLS, setAttribute } from "./dom.js";
import { replay } from "./replay.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./modes.js").Program} Program */
/** @typedef {import("./replay.js").Replay} Replay */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {"reverse" | "forward"} Way */
/** @typedef {{element: HTMLElement, key: string, number: number, source: boolean}} Line `key` is the learner's line it belongs to; "" of none */

const KEYWORDS = new Set("and as assert break continue def elif else except False for from if import in is lambda None not or pass raise return True try while with".split(" "));
const TOKEN = /("""[^]*?"""|"[^"\n]*"|'[^'\n]*')|(#.*)|([A-Za-z_]\w*)|(\d[\w.]*)|\s+|./gu;

/**
 * @param {() => void} restart
 * @param {(n: number) => void} go
 */
export function createProgramPane(restart, go) {
  /** @type {Way} */
  let way = "reverse";
  const choice = createChoice(/** @type {const} */ ("program"), (/** @type {Way} */ wanted) => {
    way = wanted;
    restart();
  });
  const about = html("p", { class: "adviz-program-about" });
  const [own, made] = [listing(), listing()];
  const element = html("section", { class: "adviz-program" }, html("div", { class: "adviz-other-head" }, choice.element, about), html("div", { class: "adviz-listings" }, own.element, made.element));
  /** @type {Line[]} */
  let lines = [];
  /** @type {Program | undefined} */
  let program;
  /** @type {TraceDocument} */
  let document;
  let n = 0;

  for (const { code } of [own, made]) {
    for (const event of ["pointerover", "focusin"]) code.addEventListener(event, ({ target }) => link(lineAt(target)));
    for (const event of ["pointerleave", "focusout"]) code.addEventListener(event, () => link(null));
    code.addEventListener("click", ({ target }) => follow(lineAt(target)));
    code.addEventListener("keydown", (event) => walk(event, code));
  }

  /** @param {EventTarget | null} target */
  const lineAt = (target) => lines.find((line) => line.element === /** @type {Element | null} */ (target)?.closest("[data-line]")) ?? null;

  /** Marks the lines that belong to the same line of the learner's. @param {Line | null} line */
  function link(line) {
    for (const each of lines) setAttribute(each.element, "data-linked", line !== null && line.key !== "" && each.key === line.key);
  }

  /** To the next step that a line does; of a learner's line, that any line made from it does. @param {Line | null} line */
  function follow(line) {
    if (!line || !program) return;
    const wanted = new Set(lines.filter((each) => !each.source && (line.source ? each.key === line.key && line.key : each === line)).map(({ number }) => number));
    const steps = program.steps.flatMap((own, k) => (own.some((number) => wanted.has(number)) ? [k + 1] : []));
    const next = steps.find((step) => step > n) ?? steps[0];
    if (next !== undefined) go(next);
  }

  /** Up and down from line to line, so that a listing is one stop of the Tab key. @param {KeyboardEvent} event @param {HTMLElement} code */
  function walk(event, code) {
    const here = lines.find((line) => line.element === event.target);
    if (!here || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") return use(event, () => follow(here));
    const down = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const all = lines.filter((line) => code.contains(line.element));
    const next = all[all.indexOf(here) + down];
    if (down) use(event, () => next && (stop(all, next), next.element.focus()));
  }

  /** @param {Event} event @param {() => void} act */
  function use(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** The one line of a listing that the Tab key stops at. @param {Line[]} all @param {Line} at */
  function stop(all, at) {
    for (const line of all) setAttribute(line.element, "tabindex", line === at ? 0 : -1);
  }

  /** @param {Words} words */
  function draw(words) {
    const originals = document.sources.flatMap((source, k) => source.text.split("\n").map((text, m) => newLine(text, source.first_line + m, `${k}:${source.first_line + m}`, true)));
    const { text = "", lines: origins = [] } = program ?? {};
    const generated = text.replace(/\n$/, "").split("\n").map((line, m) => newLine(line, m + 1, origins[m]?.join(":") ?? "", false));
    lines = program ? [...originals, ...generated] : originals;
    own.fill(words("page.program.own"), originals);
    made.fill(words(`page.program.${way}`), program ? generated : []);
    for (const all of [originals, generated]) if (all.length) stop(all, all[0]);
  }

  /** Why there is no program, with the place in the learner's code. @param {Words} words */
  function refuse(words) {
    const refused = document.modes?.program?.refused[way];
    const [source, line] = refused?.position ?? [];
    const marked = lines.find(({ key }) => key === `${source}:${line}`);
    if (marked) setAttribute(marked.element, "data-refused", true);
    made.element.hidden = Boolean(program);
    const why = { refused: words("page.program.refused"), reason: refused?.text ?? "", place: words("page.program.at_line", { line }) };
    made.say(program ? "" : words(marked ? "page.program.refused_at" : "page.program.refused_why", why));
    made.element.hidden = false;
  }

  return {
    element,
    /** @param {TraceDocument} newDocument @param {Words} words @returns {import("./others.js").Staging} */
    load(newDocument, words) {
      document = newDocument;
      const programs = document.modes?.program?.programs ?? {};
      if (!document.timelines[way]) way = document.timelines.reverse ? "reverse" : "forward";
      program = programs[way];
      choice.show(words("page.program.choice"), [["reverse", words("page.program.adjoint")], ["forward", words("page.program.tangent")]], way);
      about.textContent = program ? words("page.program.about") : "";
      draw(words);
      refuse(words);
      return { document, replay: replay(document, way) };
    },
    /** @param {import("./replay.js").Frame} frame */
    show(frame) {
      n = frame.n;
      const numbers = new Set(program?.steps[n - 1] ?? []);
      const about = frame.source ?? frame.current;
      const at = about === null || about < 1 ? null : document.variable(about).position;
      const key = at ? `${at[0]}:${at[1]}` : "";
      for (const line of lines) {
        const current = line.source ? key !== "" && line.key === key : numbers.has(line.number);
        setAttribute(line.element, "aria-current", current && "step");
        if (current) reveal(line.element);
      }
    },
  };
}

function listing() {
  const title = html("p", { class: "adviz-heading" });
  const code = html("div", { class: "adviz-listing", ...SCROLLS });
  const said = html("p", { class: "adviz-refusal", hidden: true });
  return {
    code, element: html("div", { class: "adviz-listing-frame" }, title, said, code),
    /** @param {string} heading @param {Line[]} lines */
    fill(heading, lines) {
      title.textContent = heading;
      setAttribute(code, "aria-label", heading);
      setAttribute(code, "role", "group");
      code.hidden = !lines.length;
      code.replaceChildren(...lines.map(({ element }) => element));
    },
    /** @param {string} text */
    say(text) {
      said.hidden = !text;
      said.textContent = text;
    },
  };
}

/** @param {string} text @param {number} number @param {string} key @param {boolean} source @returns {Line} */
function newLine(text, number, key, source) {
  const code = html("code", {}, ...coloured(text));
  const element = html("div", { "data-line": number, "data-own": source, class: "adviz-line-of-code", ...FOCUSABLE }, html("span", { class: "adviz-number", "aria-hidden": "true" }, String(number)), code);
  return { element, key, number, source };
}

/** A line of Python in pieces, each with the class of what it is. @param {string} text */
function coloured(text) {
  return Array.from(text.matchAll(TOKEN), ([token, string, comment, word]) => {
    const kind = comment ? "comment" : string ? "string" : !word ? "" : KEYWORDS.has(word) ? "keyword" : /_bar\d*$/.test(word) ? "adjoint" : /_dot\d*$/.test(word) ? "tangent" : "";
    return kind ? html("span", { class: `adviz-code-${kind}` }, token) : token;
  });
}

/** Scrolls the listing, and only the listing, until the line is in sight. @param {HTMLElement} line */
function reveal(line) {
  const pane = line.parentElement;
  if (!pane) return;
  if (line.offsetTop < pane.scrollTop) pane.scrollTop = line.offsetTop - 8;
  else if (line.offsetTop + line.offsetHeight > pane.scrollTop + pane.clientHeight) pane.scrollTop = line.offsetTop + line.offsetHeight - pane.clientHeight + 8;
}
