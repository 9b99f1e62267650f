  // ---- the page
  const VIEWS = ["exchanges", "routes", "playground", "configuration", "problems"];
  function addressChanged() {
    readAddress();
    for (const a of document.querySelectorAll("nav a")) {
      if (a.dataset.view !== address.view) { a.removeAttribute("aria-current"); continue; }
      a.setAttribute("aria-current", "page");
      a.parentElement.scrollLeft = a.offsetLeft - a.parentElement.offsetLeft - 40;
    }
    for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== address.view;
    for (const x of known.values()) x.line.hidden = !fits(x);
    fillFilters(); count(); mark();
    if (open === undefined || (address.id ?? null) !== open) show(address.id ?? null);
    if (address.view === "playground") openPlayground();
    else if (address.view !== "exchanges") refresh();
    if (address.view !== "configuration") configuration = null;
    if (document.activeElement !== $("key")) $("key").value = address.key ?? "";
  }
  window.onhashchange = window.onpopstate = addressChanged;
  for (const id of FILTERS) $(id).oninput = event => go({ [id]: event.target.type === "checkbox" ? (event.target.checked ? "1" : "") : event.target.value }, true);
  document.querySelector(".filters").onsubmit = event => event.preventDefault();
  const narrow = (changes, showAgain) => { history.replaceState(null, "", link(changes)); readAddress(); showAgain(); };
  $("key").oninput = event => narrow({ key: event.target.value }, showConfiguration);
  $("rq").oninput = event => narrow({ rq: event.target.value }, showRoutes);
  $("never").oninput = event => narrow({ never: event.target.checked ? "1" : "" }, showRoutes);
  $("play-form").onsubmit = event => { event.preventDefault(); play(); };
  $("play-route").onchange = event => chooseRoute(event.target.value);
  $("play-form").oninput = event => { if (event.target !== $("play-route")) playSoon(); };
  $("play-form").onkeydown = event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); play(); } };
  $("pause").onclick = () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", paused);
    $("pause").textContent = paused ? "Go on" : "Pause";
    if (!paused) { const list = waiting; waiting = []; arrived(list); }
  };
  $("clear").onclick = () => { known.clear(); waiting = []; $("requests").replaceChildren(); go({ id: "" }); };

  document.onkeydown = event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "Escape") { if (typing) event.target.blur(); else if (address.id && address.view === "exchanges") back(); return; }
    if (typing) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const search = document.querySelector(".view:not([hidden]) input[type=search]");
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); }
    else if (VIEWS[event.key - 1]) go({ view: VIEWS[event.key - 1] });
    else if (event.key === "p" && address.view === "exchanges") $("pause").click();
    else if (step && address.view === "exchanges" && !event.target.closest("#detail")) {
      const lines = [...$("requests").children].filter(li => !li.hidden);
      const at = lines.findIndex(li => li.firstChild.dataset.id === address.id);
      const next = lines[at < 0 ? 0 : at + step];
      if (next) { event.preventDefault(); next.firstChild.focus(); go({ id: next.firstChild.dataset.id }, at >= 0); }
    }
  };

  // ---- live: a connection that breaks is made again, by the browser or, where it gives up, by us
  const live = (text, on) => { $("live").textContent = text; $("live").classList.toggle("on", on); };
  function hear() {
    const events = new EventSource("/events");
    events.onopen = () => { live("live", true); $("gone").hidden = true; refresh(); };
    events.onerror = () => {
      live("no connection", false);
      $("gone").textContent = "The sidecar does not answer: what stands here is from before. Trying again.";
      $("gone").hidden = false;
      if (events.readyState === EventSource.CLOSED) setTimeout(hear, 3000);
    };
    events.addEventListener("exchanges", event => receive(JSON.parse(event.data)));
  }

  open = undefined;
  readAddress();
  addressChanged();
  hear();
  setInterval(() => { if (!document.hidden && (address.view === "routes" || address.view === "problems")) refresh(); else if (!document.hidden && address.view === "exchanges") loadProblems().catch(() => {}); }, 3000);
