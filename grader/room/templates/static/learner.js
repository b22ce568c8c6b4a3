"use strict";

const place = document.getElementById("lessons");

async function act(address, data, told) {
  try {
    say(told(await ask(address, data)));
    refresh();
  } catch (error) {
    say(error.message);
  }
}

function exercise(data, lesson, one) {
  const square = data.squares[`${lesson.name}/${one.name}`] || { shape: "untouched", attempts: 0 };
  const stuck = square.shape === "stuck";
  const about = { lesson: lesson.name, exercise: one.name, stuck: !stuck };
  const told = () => (stuck ? "Good." : "The teacher sees that you are stuck. The hints above the check may help meanwhile.");
  return make("li", {}, shape(square.shape), make("code", {}, one.name),
    make("span", { class: "quiet" }, TOLD[square.shape] + (square.attempts ? `, ${square.attempts} checked` : "") + (one.taken ? "" : ", a stretch")),
    square.shape === "passed" ? null : make("button", {
      type: "button", "aria-pressed": String(stuck), onclick: () => act("api/stuck", about, told),
    }, stuck ? "Not stuck any more" : "I am stuck"),
    make("span", { class: "others" }, "everybody ", counts(one.shapes)));
}

function handIn(lesson) {
  return act("api/submit", { lesson: lesson.name }, ({ number }) =>
    `Submission ${number} of ${lesson.title} is in. The feedback comes in a few seconds, here and in your folder feedback. ` +
    "Hand in as often as you like: the best before the deadline counts.");
}

function catchUp(lesson) {
  return act("api/catch-up", { lesson: lesson.name }, ({ aside }) =>
    `${lesson.name}.ipynb is now the solved notebook${aside ? `; your own work is ${aside}` : ""}. ` +
    "If it is open in JupyterLab, close it there and open it again.");
}

function card(data, lesson, last) {
  const handed = data.submitted[lesson.name] || 0;
  const button = (label, extra) => make("button", { type: "button", ...extra }, label);
  const caught = data.caught_up.includes(lesson.name);
  return make("section", { class: "card", id: lesson.name },
    make("h2", {}, `${lesson.name.split("_")[0]} · ${lesson.title}`),
    make("ul", { class: "exercises" }, ...lesson.exercises.map((one) => exercise(data, lesson, one))),
    make("p", { class: "actions" },
      make("a", { class: "button", href: `/hub/user-redirect/lab/tree/${lesson.name}.ipynb` }, "Open the notebook"),
      button("Submit", { class: "main", onclick: () => handIn(lesson) }),
      handed ? make("a", { class: "button", href: `feedback/${lesson.name}`, target: "_blank" }, "Feedback") : null,
      last || caught ? null : sure(button("Catch up"),
        "You get the solved notebook, your own work stays beside it, and what you hand in afterwards does not count. Do it?",
        () => catchUp(lesson))),
    make("p", { class: "quiet" }, caught ? "You have the solved notebook of this lesson. "
      : handed ? `Handed in ${handed} times. The best before the deadline counts.` : "Save the notebook, then submit it."));
}

function draw(data) {
  if (place.querySelector(".sure")) return;
  const lessons = data.lessons.slice().sort((a, b) => b.released - a.released);
  place.replaceChildren(...lessons.map((lesson, number) => card(data, lesson, number === 0)));
}

legend(document.getElementById("legend"));
const refresh = live(draw, 2000);
