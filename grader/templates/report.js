"use strict";
(() => {
  const table = document.getElementById("class-table");
  if (!table) return;
  const names = new Map(
    [...document.querySelectorAll(".key li")].map((item) => item.textContent.trim().split(/\s+/)),
  );
  const body = table.tBodies[0];
  const headings = [...table.querySelectorAll("th[data-sort]")];
  const exercises = [...table.querySelectorAll("th.turned")].map((cell) => cell.textContent);

  const score = (cell) => Number(cell.textContent) || 0; // a dash counts as nothing
  const compare = (column) => (a, b) =>
    column === 0
      ? a.cells[0].textContent.localeCompare(b.cells[0].textContent, undefined, { numeric: true })
      : score(a.cells[column]) - score(b.cells[column]);

  const sortBy = (heading) => {
    const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", order);
    const rows = [...body.rows].sort(compare(Number(heading.dataset.sort)));
    body.append(...(order === "ascending" ? rows : rows.reverse()));
  };

  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(heading));
    heading.append(button);
  }

  // what a mark means, told where the pointer is, without a word of markup in any cell
  body.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td");
    const first = cell && cell.parentElement.cells.length - exercises.length;
    if (!cell || cell.title || cell.cellIndex < first) return;
    const status = names.get(cell.textContent.trim()) || "no verdict";
    cell.title = `${exercises[cell.cellIndex - first]}: ${status}`;
  });

  // a link to a learner opens that learner, in browsers that do not do it themselves too
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    const folded = target && target.closest("details");
    if (!folded) return;
    folded.open = true;
    folded.scrollIntoView();
  };
  window.addEventListener("hashchange", open);
  open();
})();
