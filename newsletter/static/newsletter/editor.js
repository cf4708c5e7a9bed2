/* The editor of one newsletter: it saves by itself, items move by drag and by keyboard, and the mail
   stands beside the text. Without this script the page works by its buttons alone. */
(() => {
  "use strict";
  const form = document.getElementById("issue-form");
  if (!form) return;
  const items = document.getElementById("issue-items");
  const status = document.getElementById("issue-status");
  const words = form.dataset;
  const WAIT = 2500;
  let timer = 0;
  let running = null;
  let isDirty = false;
  let isLeaving = false;

  /* --- saving by itself ------------------------------------------------ */
  const say = (text) => { status.textContent = text; };

  function changed() {
    isDirty = true;
    say(words.unsaved);
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  }

  function save() {
    if (running) return running;
    if (!isDirty) return Promise.resolve();
    clearTimeout(timer);
    isDirty = false;
    say(words.saving);
    const sent = new FormData(form);
    sent.delete("then");
    running = fetch(words.autosave, { method: "POST", body: sent, credentials: "same-origin" })
      .then((response) => (response.ok ? response.json() : Promise.reject(response)))
      .then((answer) => take(answer, sent))
      .catch(() => {
        isDirty = true;
        say(words.failed);
        timer = setTimeout(save, 4 * WAIT);
      })
      .finally(() => { running = null; });
    return running;
  }

  function take(answer, sent) {
    if (!answer.saved) {
      say(answer.message);
      return;
    }
    form.elements.version.value = answer.version;
    for (const [name, pk] of Object.entries(answer.pks)) {
      if (form.elements[name]) form.elements[name].value = pk;
    }
    for (const [name, text] of Object.entries(answer.fresh)) {
      const field = form.elements[name];
      /* Whoever typed on meanwhile keeps their words; the next save sorts it out. */
      if (field && field.value === sent.get(name)) field.value = text;
    }
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    say(`${words.saved} (${time})`);
    for (const one of answer.conflicts) tell(one);
    showMail();
  }

  function tell(conflict) {
    const box = document.createElement("div");
    box.className = "notice";
    box.setAttribute("role", "alert");
    const head = document.createElement("p");
    head.textContent = `${conflict.place}: ${words.yours}`;
    const mine = document.createElement("blockquote");
    mine.className = "desk-mine";
    mine.textContent = conflict.mine;
    box.append(head, mine);
    form.prepend(box);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target.name && event.target.name.endsWith("-is_included")) {
      event.target.closest("[data-item]").classList.toggle("is-out", !event.target.checked);
    }
    changed();
  });

  /* Of a save under way the button waits for the end, or a new item would be saved twice. */
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (isLeaving) {
      event.preventDefault();
      return;
    }
    if (running) {
      event.preventDefault();
      const button = event.submitter;
      running.finally(() => form.requestSubmit(button));
      return;
    }
    isLeaving = true;
    isDirty = false;
    setTimeout(() => { isLeaving = false; }, 3000);
  });

  addEventListener("beforeunload", (event) => {
    if (isDirty && !isLeaving) event.preventDefault();
  });

  /* --- the order ------------------------------------------------------- */
  const all = () => [...items.querySelectorAll(":scope > [data-item]")];
  const movable = () => all().filter((one) => one.querySelector(".desk-move"));

  function number() {
    let place = 0;
    for (const one of movable()) {
      place += 10;
      one.querySelector("input[name$='-position']").value = place;
    }
    changed();
  }

  function move(item, step) {
    const rows = movable();
    const there = rows[rows.indexOf(item) + step];
    if (!there) return;
    if (step < 0) there.before(item);
    else there.after(item);
    number();
    say(`${words.moved} ${movable().indexOf(item) + 1}`);
  }

  for (const item of movable()) {
    const tools = item.querySelector(".desk-move");
    tools.hidden = false;
    for (const button of tools.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => {
        move(item, Number(button.dataset.move));
        button.focus();
      });
    }
    const handle = tools.querySelector(".desk-handle");
    handle.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(item, 20, 20);
      item.classList.add("is-moving");
    });
    handle.addEventListener("dragend", () => {
      item.classList.remove("is-moving");
      number();
    });
  }
  items.addEventListener("dragover", (event) => {
    const moving = items.querySelector(".is-moving");
    if (!moving) return;
    event.preventDefault();
    const over = event.target.closest("[data-item]");
    if (!over || over === moving || !over.querySelector(".desk-move")) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(moving);
    else over.after(moving);
  });
  items.addEventListener("drop", (event) => event.preventDefault());
  document.documentElement.classList.add("has-editor");

  /* --- what only one kind of text asks for ----------------------------- */
  for (const box of items.querySelectorAll("[data-only-kind]")) {
    const kind = box.closest("[data-item]").querySelector("select[name$='-kind']");
    const show = () => { box.hidden = kind.value !== box.dataset.onlyKind; };
    kind.addEventListener("change", show);
    show();
  }

  /* --- the mail beside the text ---------------------------------------- */
  const live = document.getElementById("issue-live");
  const frame = live.querySelector("iframe");
  const choices = [...live.querySelectorAll("[data-live]")];
  live.hidden = false;

  function showMail() {
    if (!live.offsetParent) return;
    const chosen = new URLSearchParams(choices.map((one) => [one.dataset.live, one.value]));
    const top = frame.contentWindow ? frame.contentWindow.scrollY : 0;
    frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, top), { once: true });
    live.dataset.look = chosen.get("look");
    frame.src = `${frame.dataset.src}?${chosen}&at=${Date.now()}`;
  }
  for (const one of choices) one.addEventListener("change", showMail);
  showMail();
})();
