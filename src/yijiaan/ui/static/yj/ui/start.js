// Entry of every page: starts the small behaviours now, and again on each part that htmx brings in.
import { startCopying } from "./copy.js";
import { startDialogs } from "./dialog.js";
import { startDrafts } from "./draft.js";
import { startKeys } from "./keys.js";
import { startOffline } from "./offline.js";
import { startOutboxForms } from "./outbox_form.js";
import { startPasswords } from "./password.js";
import { startPhotos } from "./photo.js";
import { startPositions } from "./position.js";
import { startVoices } from "./voice.js";

function start(root) {
  startPhotos(root);
  startVoices(root);
  startOutboxForms(root); // before the drafts: what it keeps is no draft any more
  startDrafts(root);
  startPasswords(root);
  startCopying(root);
  startPositions(root);
  root.querySelector("[data-focus]")?.focus();
}

startDialogs(start);
startKeys();
start(document);
startOffline();
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && start(event.detail.elt));
