  "use strict";
  // ---- elements, and how texts, bodies and numbers are shown
  const $ = id => document.getElementById(id);
  /** An element; children that are text become text, never markup. */
  const h = (name, props, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(props ?? {})) {
      if (value == null || value === false) continue;
      if (key === "class") element.className = value;
      else if (key.startsWith("on")) element[key] = value;
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter(child => child != null && child !== false));
    return element;
  };
  /** Makes one element like another and leaves what is the same: focus and selected text stay where they are. */
  function morph(old, next) {
    if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName) return old.replaceWith(next);
    if (old.nodeType === Node.TEXT_NODE) { if (old.data !== next.data) old.data = next.data; return; }
    for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
    const olds = [...old.childNodes], nexts = [...next.childNodes];
    nexts.forEach((child, i) => olds[i] ? morph(olds[i], child) : old.append(child));
    olds.slice(nexts.length).forEach(child => child.remove());
  }

  const ms = n => n == null ? "–" : n < 10 ? n.toFixed(1) + " ms" : n < 10000 ? n.toFixed(0) + " ms" : (n / 1000).toFixed(1) + " s";
  const bytes = n => n < 1024 ? n + " B" : n < 1048576 ? (n / 1024).toFixed(1) + " KiB" : (n / 1048576).toFixed(1) + " MiB";
  /** What stands between backticks is code. */
  const prose = text => String(text).split("`").map((piece, i, all) => i % 2 === 0 ? piece : i < all.length - 1 ? h("code", {}, piece) : "`" + piece);
  const file = place => place.split("/").pop();
  const placeCode = place => place ? [" ", h("code", { class: "count place", title: place }, file(place))] : null;

  // Numbers, the order of members and members that stand twice are shown as they were sent, which JSON.parse would lose.
  const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  const WIDE = 70, DEEPEST = 40;
  const pretty = text => {
    try {
      const value = JSON.parse(text);
      if (value === null || typeof value !== "object") return [text];
    } catch { return [text]; }
    const tokens = text.match(TOKEN), out = [];
    let depth = 0, inline = false;
    const shown = (token, at) => token[0] !== '"' ? h("span", { class: "n" }, token) : h("span", { class: tokens[at + 1] === ":" ? "k" : "t" }, JSON.stringify(JSON.parse(token)));
    const line = () => inline ? "" : "\n" + "  ".repeat(Math.min(depth, DEEPEST));
    /** Whether a list of a few plain values begins there. */
    const fits = at => {
      for (let width = 0; width < WIDE && ++at < tokens.length; width += tokens[at].length + 1) if (/^[\]{}[]$/.test(tokens[at])) return tokens[at] === "]";
      return false;
    };
    tokens.forEach((token, at) => {
      if (token === "{" || token === "[") {
        out.push(token);
        if (/^[}\]]$/.test(tokens[at + 1])) return;
        inline = token === "[" && fits(at);
        depth += 1;
        out.push(line());
      } else if (token === "}" || token === "]") {
        if (/^[{[]$/.test(tokens[at - 1])) return out.push(token);
        depth -= 1;
        out.push(line(), token);
        inline = false;
      } else if (token === ",") out.push(inline ? ", " : "," + line());
      else if (token === ":") out.push(": ");
      else out.push(shown(token, at));
    });
    return out;
  };

  const KEPT = 65536;
  const bodyOf = message => {
    if (!message || !message.bytes) return h("p", { class: "label" }, "no body");
    if (message.body == null) return h("p", { class: "label" }, `binary, ${bytes(message.bytes)}`);
    const cut = message.bytes > KEPT ? h("p", { class: "label" }, `the first 64 KiB of ${bytes(message.bytes)}`) : null;
    return h("div", {}, h("pre", { tabindex: 0 }, ...(cut ? [message.body] : pretty(message.body))), cut);
  };
  const headersOf = message => message?.headers.length ? h("details", {}, h("summary", {}, "Headers ", h("span", {}, String(message.headers.length))),
    h("div", { class: "inside" }, h("table", {}, h("tbody", {}, message.headers.map(([name, value]) => h("tr", {}, h("td", {}, h("code", {}, name)), h("td", {}, h("code", {}, value)))))))) : null;
  /** A text with its lines numbered; those are marked of which something is said. */
  const linesOf = (text, marked) => h("pre", { class: "lines", tabindex: 0 }, text.replace(/\n$/, "").split("\n").map((line, n) => h("span", { class: marked.has(n + 1) ? "marked" : null }, line)));
  const part = (title, hint, ...inside) => h("section", { class: "part" }, h("h3", {}, title, " ", h("span", {}, hint ?? "")), h("div", { class: "inside" }, ...inside.filter(Boolean)));
  const side = (label, name, ...inside) => h("div", { class: name }, h("div", { class: "label" }, label), ...inside);
  const reasonsOf = (list, name) => list?.length ? h("ul", { class: "reasons " + (name ?? "") }, list.map(text => h("li", {}, prose(text)))) : null;
