  // ---- what the address says: the view, the exchange, the filters
  const FILTERS = ["q", "method", "class", "cause", "route", "masked"];
  let address = {};
  const readAddress = () => {
    const text = location.hash.slice(1);
    // `#ID` alone is the short way to an exchange.
    address = text && !text.includes("=") ? { view: "exchanges", id: new URLSearchParams("id=" + text).get("id") } : Object.fromEntries(new URLSearchParams(text));
    if (![...document.querySelectorAll(".view")].some(view => view.id === address.view)) address.view = "exchanges";
  };
  const link = changes => {
    const next = { ...address, ...changes };
    for (const key of Object.keys(next)) if (!next[key]) delete next[key];
    return "#" + new URLSearchParams(next);
  };
  const go = (changes, replaces) => {
    history[replaces ? "replaceState" : "pushState"](null, "", link(changes));
    addressChanged();
  };

  // ---- the exchanges that are known, the newest first
  const MOST = 1000;
  const known = new Map();
  let paused = false, waiting = [];

  const target = x => x.path + (x.query == null ? "" : "?" + x.query);
  const fits = x =>
    (!address.method || x.method === address.method) &&
    (!address.class || String(x.status)[0] === address.class) &&
    (!address.cause || x.cause === address.cause) &&
    (!address.route || x.resource === address.route) &&
    (!address.masked || x.masked) &&
    (!address.q || [x.id, x.function_request_id, x.method + " " + target(x), x.resource, x.why, x.cause, x.masked, x.fault, x.rule?.pattern, x.status].join(" ").toLowerCase().includes(address.q.toLowerCase()));

  /** Where the time went, in parts that add up to all of it. */
  const times = x => {
    const backend = Math.min(x.integration_latency_ms ?? 0, x.latency_ms), authorizer = Math.min(x.authorizer_latency_ms ?? 0, x.latency_ms - backend);
    return [["own", "gateway", x.latency_ms - backend - authorizer], ["auth", "authorizer", authorizer], ["fn", "backend", backend]].filter(([name, , time]) => name === "own" || time > 0);
  };
  /** Its length tells the time on a scale from 0.1 ms to 30 s on which each step is ten times the one before. */
  const bar = x => {
    const long = 8 + 92 * Math.min(Math.max(Math.log10(x.latency_ms / .1) / Math.log10(300000), 0), 1);
    const label = times(x).map(([, name, time]) => `${name} ${ms(time)}`).join(", ");
    return h("span", { class: "bar", title: label, role: "img", "aria-label": label }, times(x).map(([name, , time]) => {
      const piece = h("i", { class: name });
      piece.style.width = long * time / Math.max(x.latency_ms, .001) + "%";
      return piece;
    }));
  };

  const statusOf = x => h("span", { class: `status s${String(x.status)[0]}` + (x.masked ? " masked" : "") }, String(x.status));
  const chips = x => [
    x.fault && h("span", { class: "chip fault" }, "fault on purpose: " + x.fault),
    x.masked && h("span", { class: "chip masked" }, "hidden error: " + x.masked),
    x.cause && x.cause !== x.fault && h("span", { class: "chip s" + String(x.status)[0] }, x.cause),
    x.rule && h("span", { class: "chip rule", title: `integration response ${x.rule.pattern}` }, x.rule.pattern),
  ];

  const line = x => {
    const a = h("a", { href: link({ id: x.id, view: "exchanges" }), "data-id": x.id, tabindex: -1 },
      statusOf(x), h("span", { class: "path", title: target(x).length > 80 ? target(x) : null }, h("b", {}, x.method), " ", target(x)), h("time", { datetime: x.time, title: x.time }, x.time.slice(11, 23)),
      h("span", { class: "under" }, bar(x), h("span", { class: "took" }, ms(x.latency_ms)), x.resource && x.resource !== x.path && h("span", { class: "resource" }, x.resource), ...chips(x)));
    a.onclick = event => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); go({ id: x.id, view: "exchanges" }); };
    x.line = h("li", { hidden: !fits(x) }, a);
    return x.line;
  };

  const option = (select, value) => {
    if (value && ![...select.options].some(o => o.value === value)) select.append(h("option", { value }, value));
  };

  function arrived(list) {
    const lines = [];
    for (const x of list) {
      if (known.has(x.id)) continue;
      known.set(x.id, x);
      lines.unshift(line(x));
      option($("method"), x.method); option($("cause"), x.cause); option($("route"), x.resource);
    }
    $("requests").prepend(...lines);
    for (const [id, x] of known) {
      if (known.size <= MOST) break;
      x.line.remove(); known.delete(id);
    }
    fillFilters(); count(); mark();
  }

  const receive = list => {
    if (!paused) return arrived(list);
    waiting = [...waiting, ...list].slice(-MOST);
    count();
  };

  function count() {
    const shown = [...known.values()].filter(x => !x.line.hidden).length;
    $("shown").textContent = (shown === known.size ? `${shown}` : `${shown} of ${known.size}`) + (waiting.length ? `, ${waiting.length} waiting` : "");
    $("none").hidden = shown > 0;
    $("nothing").textContent = known.size ? "No exchange fits the filter." : "No request yet.";
    $("first").hidden = known.size > 0;
  }

  /** The chosen one is marked; by Tab one comes to it, or to the newest, and then to what is told of it. */
  function mark() {
    for (const a of $("requests").querySelectorAll("a[aria-current]")) if (a.dataset.id !== address.id) a.removeAttribute("aria-current");
    for (const a of $("requests").querySelectorAll("a[tabindex='0']")) a.tabIndex = -1;
    const chosen = known.get(address.id)?.line;
    chosen?.firstChild.setAttribute("aria-current", "true");
    const first = chosen && !chosen.hidden ? chosen : $("requests").querySelector("li:not([hidden])");
    if (first) first.firstChild.tabIndex = 0;
    $("split").classList.toggle("opened", !!address.id);
  }

  function fillFilters() {
    for (const id of FILTERS) {
      const field = $(id);
      if (field.type === "checkbox") field.checked = !!address[id];
      else if (document.activeElement !== field) { if (field.options) option(field, address[id]); field.value = address[id] ?? ""; }
    }
  }
