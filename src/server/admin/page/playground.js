  // ---- the playground: a request, the function's answer and the route's rules, edited and played at once
  const area = (id, rows, value, label) => { const e = h("textarea", { id, rows, spellcheck: "false", "aria-label": label }); e.value = value ?? ""; return e; };
  const hidden = text => /\*\*\*\*/.test(text ?? "");
  /** What is masked in a recorded request, and so cannot be sent or played again. */
  const masks = x => [...x.request.headers.filter(([, value]) => hidden(value)).map(([name]) => name),
    ...(x.query ?? "").split("&").filter(hidden).map(pair => "?" + pair.split("=")[0]), ...(hidden(x.request.body) ? ["the body"] : [])];
  /** What of a recorded exchange is not kept whole. */
  const lost = x => [
    x.request.bytes > KEPT && "of the request's body the first 64 KiB are kept", x.request.bytes > 0 && x.request.body == null && "the request's body is binary",
    x.reply?.bytes > KEPT && "of the answer the first 64 KiB are kept", x.reply?.bytes > 0 && x.reply.body == null && "the answer is binary",
    /\r/.test((x.request.body ?? "") + (x.reply?.body ?? "")) && "carriage returns become line feeds when they are edited here",
    x.call && !x.reply && `the backend gave no answer then (${x.cause}): an empty one is played`,
  ].filter(Boolean);
  const maskedNote = x => masks(x).length ? h("p", { class: "label warning" }, "Hidden here, so it cannot be played or sent again as it was: ", h("code", {}, masks(x).join(", "))) : null;

  const allRoutes = () => definition.resources.flatMap(r => r.methods.map(m => ({ ...m, path: r.path, name: m.method + " " + r.path })));
  const routeNamed = name => allRoutes().find(r => r.name === name);
  let edited = [], playedFrom = null;

  /** Every template and pattern of a route as something to edit. */
  function parts(route) {
    const list = [];
    const add = (label, text, place, change) => list.push({ label, text, place, now: text, change: { resource: route.path, method: route.method, ...change } });
    for (const [type, text] of Object.entries(route.call?.templates ?? {})) add("Request template " + type, text, route.place, { part: "request_template", media_type: type });
    (route.responses ?? []).forEach((rule, response) => {
      if (rule.pattern !== "default") add(`Selection pattern → ${rule.status}`, rule.pattern, rule.place, { part: "pattern", response });
      for (const [type, text] of Object.entries(rule.templates ?? {})) add(`Response template ${type} of ${rule.pattern} → ${rule.status}`, text, rule.place, { part: "response_template", response, media_type: type });
    });
    return list;
  }

  function showParts(route) {
    edited = route ? parts(route) : [];
    const rows = edited.map((part, n) => {
      const input = area("part-" + n, part.change.part === "pattern" ? 1 : Math.min(10, part.text.split("\n").length + 1), part.text, part.label);
      const state = h("span", { class: "chip never", hidden: true }, "changed");
      const reset = h("button", { type: "button", hidden: true, "aria-label": "Reset " + part.label }, "Reset");
      input.oninput = () => { part.now = input.value; state.hidden = reset.hidden = part.now === part.text; };
      reset.onclick = () => { input.value = part.text; input.oninput(); input.focus(); playSoon(); };
      return h("div", { class: "field" }, h("label", { for: input.id }, part.label), h("span", {}, placeCode(part.place), " ", state, " ", reset), input);
    });
    $("parts").replaceChildren(...(rows.length ? rows : [h("p", { class: "label" }, route ? "This route has neither templates nor patterns." : "Choose a route to change its templates and patterns.")]));
  }

  const pathOf = route => definition.base_path + route.path.replace(/\{(\w+)\+?\}/g, "1");
  const methodFor = route => /^(ANY|\$default)$/.test(route.method) ? "GET" : route.method;
  function fillPlayground(x, routeName) {
    const route = routeNamed(routeName ?? (x && x.resource_method + " " + x.resource));
    playedFrom = x;
    $("play-route").replaceChildren(h("option", { value: "" }, "no route chosen"), ...allRoutes().map(r => h("option", { value: r.name, selected: r.name === route?.name }, r.name)));
    $("play-method").value = x?.method ?? (route ? methodFor(route) : "GET");
    $("play-path").value = x ? target(x) : route ? pathOf(route) : "/";
    $("play-headers").value = x ? x.request.headers.filter(([name]) => !/^(content-length|connection|transfer-encoding)$/i.test(name)).map(([name, value]) => name + ": " + value).join("\n") : "Content-Type: application/json";
    $("play-body").value = x?.request.body ?? "";
    $("play-payload").value = x ? (x.reply?.metadata ? x.reply.metadata + "\0".repeat(8) : "") + (x.reply?.body ?? "") : '{"statusCode": 200, "body": "{}"}';
    $("play-status").value = x?.reply && x.reply.status !== 200 ? x.reply.status : "";
    $("play-failed").checked = !!x?.reply?.function_error;
    $("play-note").replaceChildren(...(x ? [maskedNote(x), ...lost(x).map(text => h("p", { class: "label warning" }, text))] : []).filter(Boolean));
    showParts(route);
  }

  /** Another route: its rules, its method and path; what else is written stays. */
  function chooseRoute(name) {
    const route = routeNamed(name);
    showParts(route);
    if (route) $("play-path").value = pathOf(route);
    if (route) $("play-method").value = methodFor(route);
    $("playground").dataset.key = " " + name;
    go({ play: name, from: "" }, true);
    playSoon();
  }

  async function openPlayground() {
    const key = (address.from ?? "") + " " + (address.play ?? "");
    if ($("playground").dataset.key === key) return;
    $("playground").dataset.key = key;
    await loadDefinition();
    const answer = address.from && await fetch("/requests/" + encodeURIComponent(address.from));
    const x = answer && answer.ok ? await answer.json() : null;
    fillPlayground(x, x ? null : address.play);
    $("played").replaceChildren(h("p", { class: "empty" }, address.from && !x ? "This exchange is no longer kept." : "Choose a route, or write a request: nothing is called, nothing is kept."));
    if (x || address.play) play(true);
  }

  function asked() {
    const lines = $("play-headers").value.split("\n").filter(line => line.trim());
    const headers = lines.map((line, n) => {
      const at = line.indexOf(":");
      if (at < 1) throw new Error(`header line ${n + 1}: expected \`Name: value\``);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
    return {
      method: $("play-method").value.trim(), path: $("play-path").value.trim(), headers, body: $("play-body").value, guarded: $("play-guarded").checked,
      answer: { payload: $("play-payload").value, function_error: $("play-failed").checked, status: $("play-status").value ? Number($("play-status").value) : null },
      changes: edited.filter(part => part.now !== part.text).map(part => ({ ...part.change, text: part.now })),
    };
  }

  let plays = 0, soon = null;
  /** Plays what is written as soon as the writing rests. */
  const playSoon = () => { clearTimeout(soon); soon = setTimeout(() => play(true), 400); };

  /** Plays what is written; what was asked before and comes later is let go. */
  async function play(byItself) {
    clearTimeout(soon);
    const turn = plays += 1;
    let lines, said;
    try {
      const sent = asked(), parts = edited.filter(part => part.now !== part.text);
      const answer = await fetch("/playground", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) });
      const x = await answer.json();
      if (!answer.ok) {
        const change = /^changes\[(\d+)\]/.exec(x.place), part = change && parts[change[1]];
        throw new Error([part ? part.label : x.place, x.error].filter(Boolean).join(": "));
      }
      x.played = true;
      x.changes = sent.changes;
      said = `Played: ${x.status}. ${x.why ?? ""}`;
      const before = playedFrom && h("p", { class: "label" }, `Recorded: ${playedFrom.status}; played: ${x.status}` + (playedFrom.status === x.status && playedFrom.response.body === x.response.body ? ", the same body" : ""));
      lines = [before, ...story(x)].filter(Boolean);
    } catch (error) {
      const [sentence, ...more] = error.message.split("\n");
      said = sentence;
      lines = [h("div", { class: "why failed", role: "alert" }, prose(sentence), more.length > 0 && h("pre", { tabindex: 0 }, more.join("\n")))];
    }
    if (turn !== plays) return;
    const shown = $("played"), at = shown.scrollTop, details = [...shown.querySelectorAll("details")].map(e => e.open);
    shown.replaceChildren(...lines);
    $("said").textContent = said;
    if (byItself) {
      const now = [...shown.querySelectorAll("details")];
      if (now.length === details.length) now.forEach((e, n) => { e.open = details[n]; });
      shown.scrollTop = at;
    } else {
      shown.scrollTop = 0;
      // On a phone it stands below the form.
      if (innerWidth <= 760) shown.scrollIntoView();
    }
  }
