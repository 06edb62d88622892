// On the pages of staff: takes along what a phone may need without signal, and forgets it in time.
import { forgetCarried, renewCarried } from "./carried.js";
import { onForgotten } from "./offline.js";

const meta = document.querySelector('meta[name="yj-viewer"]');
const shell = document.querySelector("[data-carried-address]");

if (meta && shell && window.indexedDB && crypto.subtle) {
  const viewer = meta.content;
  onForgotten(() => forgetCarried(viewer));
  const carry = () => navigator.onLine && renewCarried(viewer, shell.dataset.carriedAddress).catch(() => {});
  carry();
  window.addEventListener("online", carry);
}
