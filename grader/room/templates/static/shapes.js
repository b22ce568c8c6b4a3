"use strict";
// Four shapes, told apart without colour; and the little that both pages share.

const SHAPES = {
  untouched: ["not begun", [["circle", { cx: 10, cy: 10, r: 7, class: "line" }]]],
  failing: ["failing", [
    ["rect", { x: 4, y: 4, width: 12, height: 12, transform: "rotate(45 10 10)", class: "line" }],
    ["path", { d: "M10 1.5 L1.5 10 L10 18.5 Z", class: "fill" }],
  ]],
  passed: ["passed", [
    ["circle", { cx: 10, cy: 10, r: 8.5, class: "fill" }],
    ["path", { d: "M5.5 10.5 L9 14 L14.5 6.5", class: "tick" }],
  ]],
  stuck: ["stuck", [
    ["path", { d: "M10 1 L19.5 18.5 L0.5 18.5 Z", class: "fill" }],
    ["path", { d: "M10 7 L10 12.5 M10 14.8 L10 16.4", class: "tick" }],
  ]],
};

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
  const space = "http://www.w3.org/2000/svg";
  const [told, parts] = SHAPES[name];
  const drawn = document.createElementNS(space, "svg");
  const title = document.createElementNS(space, "title");
  title.textContent = words || told;
  drawn.setAttribute("viewBox", "0 0 20 20");
  drawn.setAttribute("class", "shape " + name);
  drawn.setAttribute("role", "img");
  drawn.append(title);
  for (const [tag, attributes] of parts) {
    const part = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    drawn.append(part);
  }
  return drawn;
}

function legend(place) {
  for (const [name, [told]] of Object.entries(SHAPES)) {
    place.append(make("span", {}, shape(name), " " + told));
  }
}

function counts(shapes) {
  const row = make("span", { class: "counts" });
  for (const [name, number] of Object.entries(shapes)) {
    if (number) row.append(make("span", {}, shape(name, `${number} ${SHAPES[name][0]}`), String(number)));
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
  const reply = await fetch(address, data ? { method: "POST", body: JSON.stringify(data), headers } : { headers });
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
  function listen() {
    const news = new EventSource("api/live?_xsrf=" + encodeURIComponent(token));
    news.onmessage = refresh;
    news.onerror = () => {
      gone.hidden = false;
      news.close();
      setTimeout(listen, 1500);
    };
  }
  listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  setInterval(refresh, 30000);
  return refresh;
}
