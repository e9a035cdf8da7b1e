// Drag an event to another day. Whoever does not drag changes the day in the event's form.
"use strict";

(() => {
  const form = document.getElementById("move");
  let dragged = null;

  const dayOf = (target) => (target instanceof Element ? target.closest("td[data-day]") : null);

  const unmark = () => {
    for (const cell of document.querySelectorAll("td.target")) cell.classList.remove("target");
  };

  const move = (event, from, to) => {
    if (event.repeats) {
      // How far the move reaches is asked on a page of its own.
      const next = new URL(event.link);
      next.searchParams.set("to", to);
      next.searchParams.set("from", from);
      location.assign(next);
      return;
    }
    form.elements.event.value = event.id;
    form.elements.to.value = to;
    form.elements.from.value = from;
    form.requestSubmit();
  };

  if (form) {
    document.addEventListener("dragstart", (start) => {
      const link = start.target instanceof Element ? start.target.closest("a.event") : null;
      const cell = dayOf(link);
      if (!link || !cell) return;
      dragged = {
        id: link.dataset.event,
        repeats: "repeats" in link.dataset,
        link: link.href,
        from: cell.dataset.day,
      };
      start.dataTransfer.effectAllowed = "move";
      start.dataTransfer.setData("text/plain", link.title);
      link.classList.add("dragged");
    });

    document.addEventListener("dragover", (over) => {
      const cell = dragged && dayOf(over.target);
      if (!cell) return;
      over.preventDefault();
      if (!cell.classList.contains("target")) {
        unmark();
        cell.classList.add("target");
      }
    });

    document.addEventListener("drop", (drop) => {
      const cell = dragged && dayOf(drop.target);
      if (!cell) return;
      drop.preventDefault();
      const { from } = dragged;
      if (cell.dataset.day !== from) move(dragged, from, cell.dataset.day);
    });

    document.addEventListener("dragend", () => {
      dragged = null;
      unmark();
      for (const link of document.querySelectorAll(".dragged")) link.classList.remove("dragged");
    });
  }

  // An end before the start follows it.
  const start = document.getElementById("start_date");
  const end = document.getElementById("end_date");
  if (start && end) {
    start.addEventListener("change", () => {
      if (end.value && end.value < start.value) end.value = start.value;
    });
  }

  document.addEventListener("keydown", (key) => {
    // Not from within a form, where it would lose what was typed.
    const typing = key.target instanceof Element && key.target.closest("form");
    const close = document.querySelector(".panel .close");
    if (key.key === "Escape" && close && !typing) close.click();
  });
})();
