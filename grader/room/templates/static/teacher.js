"use strict";

let board = null, chosen = null;
const byId = (id) => document.getElementById(id);

async function teach(action, lesson, undo) {
  try {
    const { said } = await ask("api/teach", { action, lesson });
    say(said, undo);
  } catch (error) {
    say(error.message);
  }
}

function minutes(number) {
  const whole = Math.round(number);
  return whole === 1 ? "1 minute" : `${whole} minutes`;
}

function drawPace(pace) {
  const place = byId("pace");
  place.hidden = !pace;
  if (!pace) return;
  const late = pace.behind;
  const told = Math.abs(late) < 3 ? "on the plan" : `${minutes(Math.abs(late))} ${late > 0 ? "behind" : "ahead of"} the plan`;
  place.textContent = `After ${minutes(pace.elapsed)}: ${told}`;
  place.classList.toggle("warn", late >= 10);
}

function drawStuck(stuck) {
  const most = 10;
  const items = stuck.slice(0, most).map((one) => make("li", {},
    shape("stuck"), make("strong", {}, one.name), make("code", {}, one.exercise),
    make("span", { class: "quiet" }, (one.minutes < 1 ? "just now" : minutes(one.minutes)) + (one.said ? ", said so" : ", by the checks"))));
  if (stuck.length > most) items.push(make("li", { class: "quiet" }, `and ${stuck.length - most} more, in the table below`));
  byId("nobody").hidden = stuck.length > 0;
  byId("stuck").replaceChildren(...items);
}

function drawLessons(lessons) {
  byId("lessons").replaceChildren(...lessons.map((lesson) => make("button", {
    type: "button",
    "aria-pressed": String(lesson.name === chosen),
    class: lesson.released ? "released" : "",
    onclick: () => { chosen = lesson.name; draw(board); },
  }, lesson.name.split("_")[0], make("span", {}, lesson.title))));
}

// What a lesson's given cells give away, asked before it is released; nothing where they do not.
function warning(lesson) {
  const told = lesson.shows.map((one) => `${one.exercises.join(", ")} of ${one.lesson.split("_")[0]} (not passed by ${one.open} of ${board.learners.length})`);
  return told.length ? `Its given cells show the answers to ${told.join(", and to ")}. Release it?` : "";
}

function actions(lesson) {
  const button = (label, extra) => make("button", { type: "button", ...extra }, label);
  if (!lesson.released) {
    const release = () => teach("release", lesson.name, () => teach("withdraw", lesson.name));
    const question = warning(lesson);
    if (question) return [sure(button("Release", { class: "main" }), question, release)];
    return [button("Release", { class: "main", onclick: release })];
  }
  return [
    sure(button("Catch everybody up"), "Everybody who is not done gets the solved notebook; their own stays beside it. Do it?",
      () => teach("catch-up", lesson.name)),
    button("Collect", { onclick: () => teach("collect", lesson.name) }),
    sure(button("Withdraw"), "Who comes now will not get it. Do it?", () => teach("withdraw", lesson.name)),
  ];
}

function drawExercise(one, number) {
  const median = one.median === null ? "" : `, median ${one.median}`;
  const mistakes = one.mistakes.map((mistake) => make("li", {}, make("details", {},
    make("summary", {}, make("strong", {}, `${mistake.count} × `), mistake.name.replaceAll("_", " ")),
    make("p", {}, ...prose(mistake.sentence)))));
  return make("li", {},
    make("span", { class: "number" }, String(number)),
    make("code", {}, one.name), counts(one.shapes),
    make("span", { class: "quiet" }, `planned ${one.minutes} min${median}${one.taken ? "" : ", a stretch"}`),
    mistakes.length ? make("ul", { class: "mistakes" }, ...mistakes) : null);
}

function drawLesson(lesson) {
  const open = new Set([...byId("lesson").querySelectorAll("details[open] summary")].map((one) => one.textContent));
  byId("lesson").replaceChildren(
    make("h2", {}, `${lesson.name.split("_")[0]} · ${lesson.title}`),
    make("p", { class: "quiet" }, `planned ${minutes(lesson.minutes)}, ` + (lesson.released
      ? `released ${minutes((board.now - lesson.released) / 60)} ago` : "not released")),
    make("p", { class: "actions" }, ...actions(lesson)),
    make("ol", { class: "exercises" }, ...lesson.exercises.map((one, place) => drawExercise(one, place + 1))));
  for (const one of byId("lesson").querySelectorAll("details")) {
    one.open = [...open].some((text) => text.slice(text.indexOf("×")) === one.firstChild.textContent.slice(one.firstChild.textContent.indexOf("×")));
  }
}

function drawGrid(lesson) {
  const head = make("tr", {}, make("th", { scope: "col" }, board.learners.length === 1 ? "1 learner" : `${board.learners.length} learners`),
    ...lesson.exercises.map((one, place) => make("th", { scope: "col", title: one.name },
      make("span", { class: "number" }, String(place + 1)), make("code", {}, one.name))),
    make("th", { scope: "col" }, "handed in"));
  const rows = board.learners.map((learner) => make("tr", {}, make("th", { scope: "row" }, learner.name),
    ...lesson.exercises.map((one) => {
      const square = learner.squares[`${lesson.name}/${one.name}`] || { shape: "untouched", attempts: 0 };
      const words = `${learner.name}, ${one.name}: ${TOLD[square.shape]}, ${square.attempts} checked`;
      return make("td", {}, shape(square.shape, words));
    }),
    make("td", {}, learner.caught_up.includes(lesson.name) ? "caught up" : String(learner.submitted[lesson.name] || "")),
  ));
  byId("grid").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}

function draw(data) {
  board = data;
  const released = board.lessons.filter((one) => one.released).sort((a, b) => a.released - b.released);
  const lesson = board.lessons.find((one) => one.name === chosen) || released.at(-1) || board.lessons[0];
  chosen = chosen && lesson.name;
  drawPace(board.pace);
  byId("waiting").hidden = !board.waiting;
  byId("waiting").textContent = `${board.waiting} being graded`;
  drawStuck(board.stuck);
  const before = chosen;
  chosen = lesson.name;
  drawLessons(board.lessons);
  chosen = before;
  if (!document.querySelector("#lesson .sure") || byId("lesson").dataset.name !== lesson.name) drawLesson(lesson);
  byId("lesson").dataset.name = lesson.name;
  drawGrid(lesson);
}

legend(byId("legend"));
const grade = document.querySelector('[data-action="grade"]');
sure(grade, grade.dataset.sure, () => teach("grade", ""));
live(draw, 0);
