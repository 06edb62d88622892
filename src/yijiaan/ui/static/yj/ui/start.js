// Entry of every page: starts the small behaviours now, and again on each part that htmx brings in.
import { startCopying } from "./copy.js";
import { startDialogs } from "./dialog.js";
import { startDrafts } from "./draft.js";
import { startPasswords } from "./password.js";
import { startPhotos } from "./photo.js";
import { startPositions } from "./position.js";

function start(root) {
  startPhotos(root);
  startDrafts(root);
  startPasswords(root);
  startCopying(root);
  startPositions(root);
  root.querySelector("[data-focus]")?.focus();
}

startDialogs(start);
start(document);
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && start(event.detail.elt));
