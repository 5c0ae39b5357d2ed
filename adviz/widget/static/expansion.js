// Expansion: the variables and steps that a document's kinds and columns stand for, each made when it is asked for.
// adviz/views/expansion.py does the same in Python.

import { countUpTo, stepsAbout } from "./about.js";
import { createNumbers } from "./numbers.js";
import { toNumber } from "./number.js";
import { isArray, told } from "./quantity.js";
import { namingOf } from "./teacher.js";
import { fillFormula, fillText, inSentence } from "./templates.js";
import { wordsOf } from "./words.js";

/** @typedef {import("./document.js").TraceDocument} TraceDocument */
/** @typedef {import("./document.js").Variable} Variable */
/** @typedef {import("./document.js").Step} Step */
/** @typedef {import("./document.js").Term} Term */
/** @typedef {import("./document.js").Kind} Kind */
/** @typedef {import("./document.js").Mode} Mode */
/** @typedef {import("./document.js").Timeline} Timeline */
/** @typedef {import("./document.js").Reference} Reference */
/** @typedef {import("./columns.js").Integers} Integers */
/** @typedef {import("./templates.js").Filling} Filling */
/** @typedef {import("./numbers.js").Column} Column */
/** @typedef {{kind: Integers, operands: Integers, value: Column, partials: Column, label: Integers, place: Integers}} VariableColumns */
/** @typedef {{kind: Integers, index: Integers, source: Integers, operand: Integers, number: Column}} StepColumns */

const REMEMBERED_OBJECTS = 4096; // objects that are kept, so that who asks twice gets the same one

/**
 * A function whose answers are kept, but not for ever.
 * @template T
 * @param {(n: number) => T} make
 * @returns {(n: number) => T}
 */
function remembering(make) {
  /** @type {Map<number, T>} */
  const known = new Map();
  return (n) => {
    let found = known.get(n);
    if (found === undefined) {
      if (known.size >= REMEMBERED_OBJECTS) known.clear();
      known.set(n, (found = make(n)));
    }
    return found;
  };
}

/**
 * An object whose entries are made when they are asked for.
 * @template {string} K
 * @template T
 * @param {K[]} keys
 * @param {(key: K) => T} make
 * @returns {Record<K, T>}
 */
function lazily(keys, make) {
  const found = /** @type {Record<K, T>} */ ({});
  for (const key of keys) Object.defineProperty(found, key, { enumerable: true, get: () => make(key) });
  return found;
}

/**
 * @param {any} document checked
 * @param {VariableColumns} columns
 * @param {Column} constants
 * @param {Partial<Record<Mode, () => StepColumns>>} steps read when they are first asked for
 * @returns {TraceDocument}
 */
export function expand(document, columns, constants, steps) {
  const { kinds, labels, places } = document;
  const { first, count } = document.variables;
  const words = wordsOf(document.texts);
  const offsets = new Int32Array(count + 1);
  const operandsOf = Uint32Array.from(kinds, (/** @type {any} */ each) => each.operands.length);
  for (let p = 0; p < count; p++) offsets[p + 1] = offsets[p] + operandsOf[columns.kind[p]];
  const modes = /** @type {Mode[]} */ (Object.keys(steps));
  const columnsOf = (/** @type {Mode} */ mode) => /** @type {() => StepColumns} */ (steps[mode]);
  const numbers = createNumbers(first, (i) => offsets[i - first], {
    values: columns.value,
    partials: columns.partials,
    steps: lazily(modes, (mode) => columnsOf(mode)().number),
    results: Object.fromEntries(modes.map((mode) => [mode, document.timelines[mode].result])),
  });

  const indices = () => Array.from({ length: count }, (_, p) => first + p);
  const kindOf = (/** @type {number} */ i) => kinds[columns.kind[i - first]];
  const symbol = remembering(namingOf(document.lesson));
  const operandAt = (/** @type {number} */ i, /** @type {number} */ k) => columns.operands[offsets[i - first] + k];
  const constant = (/** @type {number} */ i, /** @type {number} */ k) => constants[operandAt(i, k)] ?? NaN;
  const ofRole = (/** @type {number} */ i, /** @type {number} */ role) => (role < 0 ? i : operandAt(i, role));

  /** @param {number} i @param {number} role */
  function plain(i, role) {
    const quantity = role < 0 ? numbers.value(i) : constant(i, role);
    return isArray(quantity) ? told(quantity, words) : inSentence(toNumber(quantity));
  }

  /**
   * @param {number} i the variable that roles are about
   * @param {(reference: any[]) => Reference} reference for those to steps
   * @param {string} [name]
   * @returns {Filling}
   */
  function filling(i, reference, name) {
    return {
      symbol: (role) => symbol(ofRole(i, role)),
      plain: (role) => plain(i, role),
      name: () => name ?? document.inputs[i - first].name,
      reference(template) {
        const [kind, who] = template;
        if (kind === "value") return ["value", ofRole(i, who)];
        if (kind === "partial") return ["partial", i, who];
        if (kind !== "constant") return reference(template);
        const quantity = constant(i, who);
        return isArray(quantity) ? ["operand", i, who] : ["number", quantity];
      },
    };
  }

  /** @param {number} i @returns {Variable} */
  function makeVariable(i) {
    const kind = kindOf(i);
    const p = i - first;
    const fill = filling(i, (reference) => /** @type {Reference} */ (reference));
    return {
      index: i, role: kind.role, row: kind.row,
      operands: kind.operands.map((/** @type {string} */ what, /** @type {number} */ k) =>
        (what === "variable" ? { ref: operandAt(i, k) } : { number: constant(i, k) })),
      get value() {
        return numbers.value(i);
      },
      get partials() {
        return kind.partials.map((/** @type {boolean} */ given, /** @type {number} */ k) => (given ? numbers.partial(i, k) : null));
      },
      symbol: symbol(i), label: labels[columns.label[p]] ?? null, operation: fillText(kind.operation, fill), position: places[columns.place[p]] ?? null,
      substituted: kind.substituted === null ? null : fillFormula(kind.substituted, fill),
      definition: fillFormula(kind.definition, fill), spoken: fillText(kind.spoken, fill),
      ...(kind.sentence === undefined ? {} : { sentence: kind.sentence }),
    };
  }

  /** @param {number} i @returns {import("./document.js").Operation} */
  function operation(i) {
    const { row, operands, partials } = kindOf(i);
    const given = (/** @type {string} */ what, /** @type {number} */ k) => (what === "variable" ? { ref: operandAt(i, k) } : { number: constant(i, k) });
    return { row, operands: operands.map(given), flows: partials };
  }

  /** @param {any} timeline @param {() => StepColumns} own @returns {Timeline} */
  function makeTimeline(timeline, own) {
    const stepCount = timeline.steps.count;
    const stepKind = (/** @type {number} */ n) => timeline.kinds[own().kind[n - 1]];
    const kind = (/** @type {number} */ n) => /** @type {Kind} */ (stepKind(n).kind);
    const index = (/** @type {number} */ n) => own().index[n - 1];
    const flows = (/** @type {number} */ n) => kind(n) === "contribute" || kind(n) === "accumulate";
    const source = (/** @type {number} */ n) => (flows(n) ? own().source[n - 1] : null);
    const operand = (/** @type {number} */ n) => (flows(n) ? own().operand[n - 1] : null);
    /** @type {import("./about.js").About | undefined} */
    let listed;
    const about = (/** @type {number} */ i) => (listed ??= stepsAbout(first, count, own().index)).of(i);
    /** @type {import("./about.js").About | undefined} */
    let sharing;
    const contributing = () => ({ kind: own().kind, counts: Uint8Array.from(timeline.kinds, (each) => Number(each.kind === "contribute")) });
    const shares = (/** @type {number} */ i) => (sharing ??= stepsAbout(first, count, own().source, contributing())).of(i);
    const writes = (/** @type {number} */ n) => kind(n) === "seed" || kind(n) === "propagate" || kind(n) === "accumulate";

    /** The step before n that wrote the derivative of v_i last; 0 where there is none. @param {number} i @param {number} n */
    function before(i, n) {
      const all = about(i);
      let position = countUpTo(all, n - 1) - 1;
      while (position >= 0 && !writes(all[position])) position--;
      return position < 0 ? 0 : all[position];
    }

    /** @param {number} n */
    function stepFilling(n) {
      const i = kind(n) === "contribute" ? own().source[n - 1] : index(n);
      const reference = (/** @type {any[]} */ [what, who]) =>
        /** @type {Reference} */ (what === "step" ? ["step", n + who] : what === "derivative" ? ["step", before(ofRole(i, who), n)] : [what, who]);
      return filling(i, reference, kind(n) === "seed" ? timeline.seed_names[n - 1] : undefined);
    }

    /** @param {number} n @returns {Step} */
    function makeStep(n) {
      const template = stepKind(n);
      const fill = stepFilling(n);
      const [sentence, ...references] = template.say;
      return {
        kind: kind(n), index: index(n), source: source(n), operand: operand(n),
        get number() {
          return numbers.step(timeline.mode, n);
        },
        final: template.final, say: [fillText(sentence, fill), ...references.map(fill.reference)], formula: fillFormula(template.formula, fill),
      };
    }

    /** @param {number} i @param {number} [most] @returns {Term[]} */
    function cell(i, most = Infinity) {
      /** @type {Term[]} */
      const terms = [];
      const all = about(i);
      for (let position = 0; position < all.length && terms.length < most; position++) {
        const n = all[position];
        const { term } = stepKind(n);
        if (term === null) continue;
        const fill = stepFilling(n);
        if (kind(n) !== "contribute") terms.length = 0;
        terms.push({ step: n, formula: fillFormula(term.formula, fill), numbers: term.numbers === null ? null : fillFormula(term.numbers, fill) });
      }
      return terms;
    }

    const step = remembering(makeStep);
    const knows = timeline.known === "all" ? () => true : (/** @type {number} */ i) => i <= 0;
    return {
      mode: timeline.mode, seed: timeline.seed, seed_names: timeline.seed_names, phases: timeline.phases, count: stepCount,
      step, cell, knows, kind, index, source, operand, final: (n) => stepKind(n).final, about, shares,
      get result() {
        return numbers.result(timeline.mode);
      },
      get known() {
        return indices().filter(knows);
      },
      get steps() {
        return Array.from({ length: stepCount }, (_, n) => step(n + 1));
      },
      get cells() {
        return indices().map((i) => cell(i));
      },
    };
  }

  const variable = remembering(makeVariable);
  const position = (/** @type {number} */ i) => places[columns.place[i - first]] ?? null;

  /** Whether v_i has that name or is computed by that operation. @param {string} text @returns {(i: number) => boolean} */
  function named(text) {
    const called = new Set(labels.flatMap((/** @type {string} */ label, /** @type {number} */ n) => (label.toLowerCase() === text ? [n] : [])));
    const computed = new Set(kinds.flatMap((/** @type {any} */ kind, /** @type {number} */ n) => (kind.row === text || kind.operation === text ? [n] : [])));
    const own = new Set(Object.entries(document.lesson?.names ?? {}).flatMap(([i, name]) => (String(name).toLowerCase() === text ? [Number(i)] : [])));
    return (i) => own.has(i) || called.has(columns.label[i - first]) || computed.has(columns.kind[i - first]);
  }

  /** How often each variable is an operand, in the order of the variables. */
  function uses() {
    const counts = new Int32Array(count);
    for (let p = 0; p < count; p++) {
      const own = kinds[columns.kind[p]].operands;
      for (let k = 0; k < own.length; k++) if (own[k] === "variable") counts[columns.operands[offsets[p] + k] - first] += 1;
    }
    return counts;
  }

  return {
    ...document, first, count, numbers, variable, operation, position, named, uses,
    hasArrays: Array.isArray(columns.value) && columns.value.some((value) => isArray(value)),
    timelines: Object.fromEntries(modes.map((mode) => [mode, makeTimeline(document.timelines[mode], columnsOf(mode))])),
    readRest: () => modes.forEach((mode) => columnsOf(mode)()),
    get variables() {
      return indices().map(variable);
    },
  };
}
