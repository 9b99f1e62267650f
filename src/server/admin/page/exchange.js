  // ---- one exchange
  let definition = null, open = null, listen = "localhost:8080";
  const methodOf = x => definition?.resources.find(r => r.path === x.resource)?.methods.find(m => m.method === x.resource_method);

  const quote = text => "'" + String(text).replaceAll("'", "'\\''") + "'";
  const sentHeaders = x => x.request.headers.filter(([name]) => !/^(host|content-length|connection|transfer-encoding)$/i.test(name));
  /** The same request: nothing that curl would add, globbing and `@` taken as they stand. */
  function curl(x) {
    const has = name => x.request.headers.some(([own]) => own.toLowerCase() === name);
    const unsent = ["Accept", "User-Agent", ...(x.request.body ? ["Content-Type"] : [])].filter(name => !has(name.toLowerCase()));
    return ["curl -i", x.method === "HEAD" ? "-I" : "-X " + x.method, /[[\]{}]/.test(target(x)) ? "-g" : "", /\/\.\.?(\/|$)/.test(x.path) ? "--path-as-is" : "",
      ...sentHeaders(x).map(([n, v]) => "-H " + quote(v ? n + ": " + v : n + ";")), ...unsent.map(name => `-H '${name}:'`),
      x.request.body ? "--data-raw " + quote(x.request.body) : "", quote(listen + target(x))].filter(Boolean).join(" ");
  }
  const explained = x => ["stagegate explain --method", x.method, "--path", quote(target(x)), ...sentHeaders(x).map(([n, v]) => "--header " + quote(n + ": " + v)),
    x.request.body ? "--body " + quote(x.request.body) : "", x.reply?.function_error ? "--function-error" : "", x.reply?.status >= 300 ? "--status " + x.reply.status : "",
    x.reply?.body ? `--payload <(printf %s ${quote(x.reply.body)})` : ""].filter(Boolean).join(" ");
  const copy = (label, text) => {
    const button = h("button", { type: "button" }, label);
    button.onclick = async () => {
      let done = "copied";
      try { await navigator.clipboard.writeText(await text()); } catch { done = "could not copy"; }
      button.textContent = done;
      setTimeout(() => { button.textContent = label; }, 1200);
    };
    return button;
  };

  function selection(x) {
    if (!x.selection) return null;
    const rows = x.selection.tried.map(t => h("tr", {},
      h("td", { class: t.matched ? "yes" : "no" }, t.matched ? "match" : "no match"),
      h("td", {}, h("code", {}, t.pattern), " → ", String(t.status), placeOf(x, t.pattern, t.status),
        t.reason && h("div", { class: "reason" }, prose(t.reason.split("; this would match: ")[0])),
        t.repair && h("div", {}, "this would match: ", h("code", { class: "repair" }, t.repair)))));
    return part("Integration response", x.rule ? `${x.rule.status} by ${x.rule.pattern}` : "",
      side("selection patterns are matched against" + (x.selection.of_status ? " the backend's status, not its body" : ""), null, h("pre", { tabindex: 0 }, x.selection.text || "(an empty text: the function did not fail)")),
      rows.length ? h("table", { class: "patterns" }, h("tbody", {}, rows)) : null);
  }

  /** Numbers of the lines that sentences name. */
  const linesIn = sentences => new Set(sentences.flatMap(text => [...String(text ?? "").matchAll(/\bline (\d+), column/g)].map(found => Number(found[1]))));
  /** A template between what it read and what it printed; nothing when it failed. */
  function mapped(title, name, reasons, empties, template, input, output, failure) {
    return part(title, name, reasonsOf(reasons), reasonsOf(empties, "empties"), h("div", { class: "sides" }, side("in", null, bodyOf(input)),
      side("template", "middle", linesOf(template, linesIn([...(empties ?? []), failure]))), side("out", null, output ? bodyOf(output) : h("p", { class: "label error" }, failure ? "nothing: the template failed" : "nothing"))));
  }
  const placeOf = (x, pattern, status) => placeCode(methodOf(x)?.responses.find(r => r.pattern === pattern && r.status === status)?.place);
  /** The text of a template, as it was changed where the exchange was played. */
  const templateText = (x, templates, name, wanted) => {
    const change = x.changes?.find(c => c.media_type === name && wanted(c));
    return name == null ? null : change ? change.text : templates?.[name] ?? null;
  };

  /** A step of an authorizer; what is JSON in it stands below. */
  function step(text) {
    const at = text.search(/[{[]/), told = at > 0 ? pretty(text.slice(at)) : [];
    return h("li", {}, told.length > 1 ? [prose(text.slice(0, at)), h("pre", { tabindex: 0 }, ...told)] : prose(text));
  }
  const whereTo = sent => [sent.function && "function " + sent.function, sent.method, sent.address].filter(Boolean).join(" · ");
  const authorization = x => part("Authorization", x.authorizer_latency_ms == null ? "" : ms(x.authorizer_latency_ms),
    x.authorizer_call && h("details", {}, h("summary", {}, "Call ", h("span", {}, whereTo(x.authorizer_call))), h("div", { class: "inside" }, headersOf(x.authorizer_call), bodyOf(x.authorizer_call))),
    h("ul", { class: "steps" }, x.authorization.map(step)));

  function head(x) {
    const failed = x.cause ? "failed" : x.masked ? "masked" : x.status >= 400 || x.reasons?.answer ? "mapped" : "";
    const method = methodOf(x), [sentence, ...more] = (x.why ?? "").split("\n");
    return [
      x.played ? null : h("button", { type: "button", id: "back", onclick: back }, "← list"),
      h("div", { class: "title" }, statusOf(x), h("h2", {}, x.method + " " + target(x))),
      h("p", { class: "facts" }, ...chips(x), x.resource && h("span", {}, h("a", { href: link({ view: "routes", id: "", from: "", rq: x.resource, never: "" }) }, `${x.resource_method} ${x.resource}`), placeCode(method?.place))),
      x.played ? h("p", { class: "label" }, "played: nothing was called") : h("p", { class: "facts" }, bar(x), h("b", {}, ms(x.latency_ms)), times(x).map(([name, label, time]) => h("span", { class: "legend " + name + "-of" }, `${label} ${ms(time)}`))),
      x.why && h("div", { class: "why " + failed }, prose(sentence), more.length > 0 && h("pre", { tabindex: 0 }, more.join("\n")), reasonsOf(x.reasons?.answer)),
      x.sampled === false && h("p", { class: "label warning", id: "unsampled" }, "Under load only a sample is recorded whole: of this one there is the request and the answer alone."),
      x.played ? null : maskedNote(x),
      h("div", { class: "actions" },
        x.played ? null : h("button", { type: "button", id: "replay", title: "Plays this request with the recorded answer against the running definition; the backend is not called", onclick: () => go({ view: "playground", from: x.id, id: "", play: "" }) }, "Play with the same answer"),
        copy("Copy as curl", () => curl(x)),
        x.played ? null : copy("Copy as case", async () => (await fetch(`/requests/${encodeURIComponent(x.id)}/case`)).text()),
        copy("Copy as explain", () => explained(x))),
    ];
  }

  function story(x) {
    const method = methodOf(x), at = x.rule?.index ?? -1, rule = method?.responses[at], why = x.reasons ?? {};
    const requestTemplate = templateText(x, method?.call?.templates, x.request_template, c => c.part === "request_template");
    const responseTemplate = templateText(x, rule?.templates, x.response_template, c => c.part === "response_template" && c.response === at);
    const sent = x.call ?? x.unsent, failed = cause => x.cause === cause ? x.why : null;
    const same = requestTemplate != null && sent?.bytes > 0;
    return [
      ...head(x),
      part("Request", x.request_bytes ? bytes(x.request_bytes) : "no body", headersOf(x.request), x.request_bytes > 0 && bodyOf(x.request)),
      x.authorization && authorization(x),
      requestTemplate == null && why.request && part("Request mapping", "", reasonsOf(why.request)),
      requestTemplate != null && mapped("Request template", x.request_template, why.request, x.request_empties, requestTemplate, x.request, sent, failed("request_template")),
      sent && part(x.unsent || x.fault ? "Not sent" : "Call", whereTo(sent), headersOf(sent), same ? h("p", { class: "label" }, `what the template printed, ${bytes(sent.bytes)}`) : bodyOf(sent)),
      why.call && part("Invocation", "", reasonsOf(why.call)),
      x.reply && part("Reply", `${x.reply.status}${x.reply.function_error ? ", the function failed" : ""} · ${ms(x.integration_latency_ms)}`, headersOf(x.reply), bodyOf(x.reply)),
      selection(x),
      responseTemplate == null && why.response && part("Response mapping", "", reasonsOf(why.response)),
      responseTemplate != null && x.reply && mapped("Response template", x.response_template, why.response, x.response_empties, responseTemplate, x.reply, x.cause ? null : x.response, failed("response_template")),
      part("Answer", `${x.status} · ${x.response_bytes ? bytes(x.response_bytes) : "no body"}`, headersOf(x.response), x.response_bytes > 0 && bodyOf(x.response)),
      h("details", {}, h("summary", {}, "Execution log ", h("span", {}, `${x.trace.length} lines`)), h("div", { class: "inside" }, h("pre", { id: x.played ? null : "trace", class: "trace", tabindex: 0 }, x.trace.join("\n")))),
      x.played ? null : h("p", { class: "facts" }, h("span", {}, x.time), h("span", {}, "request ", h("code", {}, x.id)), x.function_request_id && h("span", {}, "function's request ", h("code", { id: "function-id" }, x.function_request_id))),
    ].filter(Boolean);
  }

  const KEYS = [["j k ↓ ↑", "the next, the one before"], ["Enter", "open it"], ["/", "filter"], ["p", "pause, go on"], ["Esc", "back to the list"], ["1 – 5", "the views"]];
  const keys = () => h("dl", { class: "keys desk" }, KEYS.map(([key, what]) => [h("dt", {}, key.split(/ (?!–|5)/).map(k => [h("kbd", {}, k), " "])), h("dd", {}, what)]));
  const chooseOne = () => h("div", { class: "empty" }, h("p", {}, "Choose an exchange to see what happened to it, and why."), keys());

  /** Back to the list, to the exchange that was open. */
  function back() {
    const left = known.get(address.id)?.line.firstChild;
    go({ id: "" });
    left?.focus();
  }

  async function show(id) {
    open = id;
    if (!id) { $("detail").replaceChildren(chooseOne()); return; }
    let told;
    try {
      const [answer] = await Promise.all([fetch("/requests/" + encodeURIComponent(id)), definition ?? loadDefinition()]);
      told = answer.ok ? story(await answer.json()) : [h("button", { type: "button", id: "back", onclick: back }, "← list"), h("p", { class: "empty" }, "This exchange is no longer kept.")];
    } catch { told = [h("button", { type: "button", id: "back", onclick: back }, "← list"), h("p", { class: "empty" }, "It cannot be loaded: there is no connection.")]; }
    if (open !== id) return;
    $("detail").replaceChildren(...told);
    $("detail").scrollTop = 0;
    // On a phone the list is gone, and the focus with it.
    if (innerWidth <= 760) $("detail").focus({ preventScroll: true });
  }
