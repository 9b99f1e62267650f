  // ---- routes and problems
  async function loadDefinition() {
    definition = await (await fetch("/definition")).json();
    $("api").textContent = [definition.name ?? definition.id, definition.stage].filter(Boolean).join(" · ");
    document.title = "stagegate · " + (definition.name ?? definition.id);
    return definition;
  }

  /** Each resource below the one that it is a part of, how deep, and how much of its path that one has. */
  function treeOf(resources) {
    const order = resources.map(r => [r, r.path.split("/").map(segment => segment + "\u0001").join("/")]).sort(([, a], [, b]) => a < b ? -1 : a > b ? 1 : 0);
    const above = [];
    return order.map(([resource]) => {
      while (above.length && !resource.path.startsWith(above.at(-1) + "/")) above.pop();
      const deep = above.length, prefix = above.at(-1) ?? "";
      if (resource.path.startsWith("/") && resource.path !== "/") above.push(resource.path);
      return { resource, deep, prefix };
    });
  }

  const share = (count, all) => !count ? h("span", { class: "zero" }, "–") : `${count} · ${100 * count < all ? "<1" : Math.round(100 * count / all)} %`;
  const neverHit = (m, rule) => !rule.hits && m.counts?.requests > 0;
  function neverChip(m, rule) {
    if (!neverHit(m, rule)) return null;
    return h("span", { class: "chip never" }, rule.pattern === "default" ? "never hit" : m.counts.masked > 0 ? "never matched, though errors were hidden" : "never matched");
  }

  function methodRows(resource, m, deep) {
    const c = m.counts ?? {};
    const guard = m.authorization ? [m.authorization.type, m.authorization.authorizer].filter(Boolean).join(" ") : m.api_key_required ? "API key" : "open";
    const number = (name, value, tone) => h("td", { class: "num " + (value instanceof Node ? "" : tone ?? ""), "data-name": name }, value);
    const style = `--deep: ${deep}`;
    const own = h("tr", { class: c.requests ? null : "never" },
      h("td", {}, h("a", { class: "method", href: link({ view: "playground", play: m.method + " " + resource.path, from: "", id: "" }), title: "Play a request of this route", "aria-label": `Play ${m.method} ${resource.path}` }, m.method)),
      h("td", {}, m.broken ? h("span", { class: "error" }, "not served: ", prose(m.broken)) : [h("small", {}, m.integration), typeof m.endpoint === "string" && [" ", h("code", {}, m.endpoint)]].flat()), h("td", { "data-name": "guard" }, guard),
      number("requests", String(c.requests ?? 0)), number("4xx", share(c.client_errors, c.requests), "warn"), number("5xx", share(c.server_errors, c.requests), "bad"), number("hidden", share(c.masked, c.requests), "hidden"),
      number("p50", ms(c.p50_ms)), number("p99", ms(c.p99_ms)), h("td", {}, placeCode(m.place) ?? ""));
    const rules = m.responses.map(rule => h("tr", { class: neverHit(m, rule) ? "rule never" : "rule" },
      h("td", { colspan: 3, class: "wide" }, h("code", {}, rule.pattern), ` → ${rule.status} `, neverChip(m, rule)),
      number("hits", String(rule.hits)), h("td", { colspan: 5 }), h("td", {}, placeCode(rule.place) ?? "")));
    const rows = [own, ...rules];
    for (const row of rows) row.setAttribute("style", style);
    return rows;
  }

  function showRoutes() {
    if (!definition) return;
    const wanted = (address.rq ?? "").toLowerCase();
    const text = (r, m) => [m.method + " " + r.path, m.integration, m.endpoint, m.authorization?.authorizer, ...m.responses.map(rule => rule.pattern + " " + rule.status)].join(" ").toLowerCase();
    const chosen = (r, m) => (!wanted || text(r, m).includes(wanted)) && (!address.never || !m.counts?.requests || m.responses.some(rule => neverHit(m, rule)));
    let shown = 0, all = 0;
    const groups = treeOf(definition.resources).flatMap(({ resource, deep, prefix }) => {
      const methods = resource.methods.filter(m => chosen(resource, m));
      all += resource.methods.length; shown += methods.length;
      if (!methods.length) return [];
      const name = h("a", { href: link({ view: "exchanges", id: "", route: resource.path }), title: "Its exchanges" }, prefix && h("span", {}, prefix), resource.path.slice(prefix.length));
      return [h("tbody", {}, h("tr", { class: "resource" }, h("th", { colspan: 10, scope: "rowgroup", class: "wide", style: `--deep: ${deep}` }, name)), ...methods.flatMap(m => methodRows(resource, m, deep)))];
    });
    const table = document.querySelector(".tree"), next = h("table", { class: table.className }, table.tHead.cloneNode(true), ...groups);
    morph(table, next);
    $("route-count").textContent = shown === all ? `${all}` : `${shown} of ${all}`;
    $("never").checked = !!address.never;
    if (document.activeElement !== $("rq")) $("rq").value = address.rq ?? "";
  }

  let problemsTold = null;
  async function loadProblems() {
    const { problems, inspector, listen: at, recorded, answered } = await (await fetch("/problems")).json();
    listen = at.replace(/^(0\.0\.0\.0|\[::\])/, "localhost");
    $("try").textContent = `curl -i ${listen}/`;
    const grave = problems.filter(p => p.severity === "error").length;
    $("problem-count").textContent = problems.length || "";
    $("problem-count").className = grave ? "count bad" : "count";
    const sampled = inspector && answered > recorded;
    $("sampled").hidden = inspector && !sampled;
    $("sampled").textContent = !inspector ? "The inspector is off (admin.inspector): exchanges are not kept." : `Under load a sample is recorded: ${recorded} of ${answered} exchanges so far. Failures come first.`;
    const told = JSON.stringify(problems);
    if (told === problemsTold) return;
    problemsTold = told;
    const armed = problems.filter(p => p.rule === "faults-armed");
    $("armed").hidden = !armed.length;
    $("armed").replaceChildren(h("b", {}, "Faults on purpose: "), ...armed.flatMap((p, n) => [n ? "; " : "", ...prose(p.message)]));
    const order = { error: 0, warning: 1, note: 2 };
    problems.sort((a, b) => order[a.severity] - order[b.severity]);
    $("findings").replaceChildren(...(problems.length ? problems.map(p => h("div", { class: "finding" },
      h("div", {}, h("b", { class: p.severity }, p.severity), " ", prose(p.message), " ", h("code", { class: "count" }, p.rule)),
      h("div", { class: "where" }, p.file + (p.line == null ? "" : ":" + p.line) + (p.place ? " · " + p.place : "")))) : [h("p", { class: "empty" }, "Nothing was found in the running definition.")]));
  }

  async function refresh() {
    try {
      await Promise.all([loadDefinition(), loadProblems()]);
      if (address.view === "routes") showRoutes();
      if (address.view === "configuration") await showConfiguration();
    } catch { /* the process may be gone: the live line tells */ }
  }

  // ---- the configuration as loaded
  let configuration = null;
  async function showConfiguration() {
    configuration ??= await (await fetch("/configuration")).json();
    const { values, is_loaded } = configuration;
    const wanted = (address.key ?? "").toLowerCase();
    const source = s => s.kind === "default" ? "default" : `${s.name}${s.line == null ? "" : ":" + s.line}`;
    const shown = value => typeof value === "string" ? value : JSON.stringify(value);
    const fitting = values.filter(v => !wanted || (v.place + " " + shown(v.value) + " " + source(v.source)).toLowerCase().includes(wanted));
    $("changed").hidden = is_loaded;
    $("values").replaceChildren(...fitting.map(v => h("tr", {}, h("td", {}, h("code", {}, v.place)), h("td", {}, h("code", { class: "cut" }, shown(v.value))), h("td", { class: v.source.kind === "default" ? "note" : null }, h("code", { class: "place", title: source(v.source) }, file(source(v.source)))))));
    $("value-count").textContent = fitting.length === values.length ? `${values.length}` : `${fitting.length} of ${values.length}`;
  }
