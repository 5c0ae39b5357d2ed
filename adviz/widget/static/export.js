// The export menu: what the page can write it writes itself (the picture, the document, an exported page), the rest Python writes.

import { FOCUSABLE, html, setAttribute, setText } from "./dom.js";
import { pictureOf, pixelsOf } from "./snapshot.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {"svg" | "png" | "html" | "latex" | "csv" | "json" | "gif"} Format */
/**
 * Where the files come from.
 *   text    the trace document as JSON
 *   ask     has Python write a file; null where there is no kernel
 *   page    the page as one HTML file; null where it is not one by itself
 *   link    the address of this step; null where the page has none
 * @typedef {{text: () => string | Promise<string>, ask: ((format: Format) => Promise<string>) | null, page: (() => string) | null, link: (() => string) | null}} Files
 */
/** @typedef {ReturnType<typeof createExport>} Export */

const ENDINGS = { svg: "svg", png: "png", html: "html", latex: "tex", csv: "csv", json: "json", gif: "gif" };
const TYPES = {
  svg: "image/svg+xml", png: "image/png", html: "text/html", latex: "application/x-tex", csv: "text/csv", json: "application/json", gif: "image/gif",
};
const FORMATS = /** @type {Format[]} */ (Object.keys(ENDINGS));
const BY_PYTHON = new Set(["latex", "csv", "gif"]);

/**
 * A button, and the panel it opens.
 * @param {Files} files
 * @param {HTMLElement} root of the explorer
 * @param {string} id a prefix of its own
 */
export function createExport(files, root, id) {
  const offered = FORMATS.filter((format) => files.ask || (format === "html" ? files.page : !BY_PYTHON.has(format)));
  const button = html("button", {
    type: "button", class: "adviz-export-button", "aria-expanded": "false", "aria-controls": `${id}-export`, ...FOCUSABLE,
  });
  const choices = new Map(offered.map((format) => [format, html("button", { type: "button", "data-export": format, ...FOCUSABLE })]));
  const copy = html("button", { type: "button", "data-export": "link", hidden: !files.link, ...FOCUSABLE });
  const said = html("p", { class: "adviz-export-said", "aria-live": "polite" });
  const address = html("input", { class: "adviz-export-link", readonly: true, hidden: true, ...FOCUSABLE });
  const hint = html("p", { class: "adviz-export-hint", hidden: Boolean(files.ask) });
  const buttons = html("div", { class: "adviz-export-choices" }, ...choices.values(), copy);
  const panel = html("div", { class: "adviz-export", id: `${id}-export`, role: "group", hidden: true }, buttons, said, address, hint);
  /** @type {Words} */
  let words = (key) => key;
  let title = "";

  button.addEventListener("click", () => toggle());
  copy.addEventListener("click", copyLink);
  for (const [format, choice] of choices) choice.addEventListener("click", () => save(format));

  /** The focus of a panel that closes goes back to its button. */
  function toggle(open = panel.hidden) {
    if (!open && panel.querySelector(":focus")) button.focus();
    panel.hidden = !open;
    setAttribute(button, "aria-expanded", String(open));
    setText(said, "");
    address.hidden = true;
  }

  function name() {
    const short = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "trace";
    return `${short}-${root.dataset.mode}-${root.dataset.step}`;
  }

  /** @param {Format} format */
  async function save(format) {
    const file = `${name()}.${ENDINGS[format]}`;
    address.hidden = true;
    try {
      setText(said, words("page.export.writing", { name: file }));
      const content = await written(format);
      download(new Blob([content], { type: TYPES[format] }), file);
      setText(said, words("page.export.saved", { name: file }));
    } catch (error) {
      setText(said, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Format} format @returns {Promise<BlobPart>} */
  async function written(format) {
    if (format === "json") return files.text();
    if (format === "html" && files.page) return files.page();
    if (format === "svg" || format === "png") {
      const picture = pictureOf(root);
      if (!picture) throw new Error(words("page.export.no_picture"));
      return format === "svg" ? picture.text : pixelsOf(picture);
    }
    if (!files.ask) throw new Error(words("page.export.no_answer"));
    const content = await files.ask(format);
    return format === "gif" ? Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)) : content;
  }

  async function copyLink() {
    const link = files.link?.() ?? "";
    try {
      await navigator.clipboard.writeText(link);
      address.hidden = true;
      setText(said, words("page.export.copied"));
    } catch {
      setText(said, words("page.export.copy"));
      address.value = link;
      address.hidden = false;
      address.select();
    }
  }

  return {
    button, panel, toggle,
    isOpen: () => !panel.hidden,
    /** @param {string} newTitle @param {Words} newWords */
    load(newTitle, newWords) {
      title = newTitle;
      words = newWords;
      setText(button, words("page.export"));
      setAttribute(panel, "aria-label", words("page.export"));
      setAttribute(address, "aria-label", words("page.export.copy"));
      for (const [format, choice] of choices) setText(choice, words(`page.export.${format}`));
      setText(copy, words("page.export.link"));
      setText(hint, words("page.export.python"));
    },
  };
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const url = URL.createObjectURL(blob);
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const PATIENCE = 30_000; // ms until a kernel that says nothing is taken for gone

/**
 * Files that Python writes: a request goes out, its answer comes back by its number.
 * @param {import("./mount.js").Model} model
 * @param {() => {mode: string, step: number}} place
 * @param {() => Words} words
 */
export function createRequests(model, place, words) {
  /** @type {Map<number, {resolve: (content: string) => void, reject: (error: Error) => void, timer: ReturnType<typeof setTimeout>}>} */
  const open = new Map();
  let count = 0;

  /** @param {number} request */
  function closed(request) {
    const found = open.get(request);
    clearTimeout(found?.timer);
    open.delete(request);
    return found;
  }

  return {
    /** @param {Format} format @returns {Promise<string>} */
    ask: (format) =>
      new Promise((resolve, reject) => {
        const request = ++count;
        const timer = setTimeout(() => closed(request)?.reject(new Error(words()("page.export.no_answer"))), PATIENCE);
        open.set(request, { resolve, reject, timer });
        model.send?.({ kind: "export", request, format, ...place() });
      }),
    /** What Python sent; anything but an answer to an open request is left alone. @param {any} message */
    hear(message) {
      if (message?.kind !== "export" || !open.has(message.request)) return;
      const { resolve, reject } = /** @type {NonNullable<ReturnType<typeof closed>>} */ (closed(message.request));
      if (typeof message.content === "string") resolve(message.content);
      else reject(new Error(typeof message.problem === "string" ? message.problem : wordsOf({})("page.export.no_answer")));
    },
    stop() {
      for (const request of [...open.keys()]) closed(request);
    },
  };
}
