"use strict";
// What both pages share. The shapes themselves stand in the page: see shapes.html.

const TOLD = Object.fromEntries([...document.querySelectorAll('template[id^="shape-"]')].map(
  (one) => [one.id.slice("shape-".length), one.content.querySelector("title").textContent]));

function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function shape(name, words) {
  const drawn = document.getElementById("shape-" + name).content.querySelector("svg").cloneNode(true);
  if (words) drawn.querySelector("title").textContent = words;
  return drawn;
}

// Plain text in which `names in backquotes` are set as code.
function prose(text) {
  return text.split(/`([^`\n]+)`/).map((part, place) => (place % 2 ? make("code", {}, part) : part));
}

function legend(place) {
  for (const [name, told] of Object.entries(TOLD)) {
    place.append(make("span", {}, shape(name), " " + told));
  }
}

function counts(shapes) {
  const row = make("span", { class: "counts" });
  for (const [name, number] of Object.entries(shapes)) {
    if (number) row.append(make("span", {}, shape(name, `${number} ${TOLD[name]}`), String(number)));
  }
  return row;
}

function say(words, undo) {
  const place = document.getElementById("said");
  place.replaceChildren(words);
  if (undo) place.append(" ", make("button", { type: "button", onclick: undo }, "Undo"));
  place.hidden = !words;
}

const token = document.querySelector('meta[name="xsrf"]').content;

async function ask(address, data) {
  const headers = { "X-XSRFToken": token };
  // On a dead line a question would wait for minutes. Ended, it takes that line out of the browser's hands.
  const asked = data ? { method: "POST", body: JSON.stringify(data) } : { signal: AbortSignal.timeout(5000) };
  const reply = await fetch(address, { ...asked, headers });
  const told = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(told.error || `The room said ${reply.status}.`);
  return told;
}

// A click on a button that cannot be undone asks once more, in the button's own place.
function sure(button, question, work) {
  button.addEventListener("click", () => {
    const box = make("span", { class: "sure", role: "group" }, question + " ");
    const back = () => box.replaceWith(button);
    const yes = make("button", { type: "button", class: "yes", onclick: () => { back(); work(); } }, "Yes");
    box.append(yes, " ", make("button", { type: "button", onclick: back }, "No"));
    button.replaceWith(box);
    yes.focus();
  });
  return button;
}

// Draw now, after each change that the room tells of, and at least every so often.
function live(draw, pause) {
  const gone = document.getElementById("connection");
  let busy = false, again = false;
  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      draw(await ask("api/board"));
      gone.hidden = true;
    } catch (error) {
      gone.hidden = false;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    busy = false;
    if (again) { again = false; refresh(); }
  }
  let news = null, heard = 0, later = 0, version = "";
  function listen() {
    if (news) news.close();
    clearTimeout(later);
    heard = Date.now();
    news = new EventSource("api/live?_xsrf=" + encodeURIComponent(token));
    news.onmessage = (message) => {
      heard = Date.now();
      if (message.data !== version || !gone.hidden) refresh();
      version = message.data;
    };
    news.onerror = () => {
      gone.hidden = false;
      news.close();
      later = setTimeout(listen, 1500);
    };
  }
  listen();
  window.addEventListener("offline", () => { gone.hidden = false; });
  window.addEventListener("online", listen);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  // The room speaks every 5 seconds; a line may be dead without an error, as after a sleep.
  setInterval(() => {
    if (Date.now() - heard < 12000) return;
    gone.hidden = false;
    listen();
  }, 2000);
  setInterval(refresh, 30000);
  return refresh;
}
