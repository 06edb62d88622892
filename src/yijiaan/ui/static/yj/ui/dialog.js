// A link with data-dialog opens the confirm page behind it over this page. Without scripts the link simply leads there.
// A refused form (422, or 409 when somebody was faster) comes back into the same dialog; anything else goes on as an ordinary answer.

let begin = () => {};

async function part(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.getElementById("confirm");
}

function show(content) {
  document.querySelector("dialog[data-made]")?.remove();
  const dialog = document.createElement("dialog");
  dialog.dataset.made = "";
  dialog.setAttribute("aria-labelledby", "confirm-title");
  dialog.append(content);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  begin(dialog);
}

async function open(link) {
  const canShow = Boolean(document.createElement("dialog").showModal); // not in Safari before 15.4
  const response = canShow ? await fetch(link.href, { credentials: "same-origin" }).catch(() => null) : null;
  const content = response?.ok && !response.redirected ? await part(response) : null;
  if (content) show(content);
  else location.assign(link.href);
}

async function send(form, submitter) {
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const headers = { "X-Dialog": "1" }; // asks for the next address in a header: a followed redirect would swallow its message
  const response = await fetch(form.action, { method: "POST", body, headers, credentials: "same-origin" }).catch(() => null);
  if (response?.status === 422 || response?.status === 409) {
    const content = await part(response);
    if (content) return show(content);
  }
  const next = response?.ok && response.headers.get("X-Location");
  if (next) {
    // a page that goes on by itself (a worklist) keeps its place; every other one is led on
    const done = new CustomEvent("dialog:done", { cancelable: true, detail: { next, action: form.action } });
    form.closest("dialog").close();
    if (document.dispatchEvent(done)) location.assign(next);
    return undefined;
  }
  // no signal, or a refusal that has its own page: send it the plain way
  form.submit();
}

export function startDialogs(start) {
  if (!window.HTMLDialogElement) return;
  begin = start;
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const close = event.target.closest("dialog [data-close]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
      return;
    }
    const link = event.target.closest("a[data-dialog]");
    if (link) {
      event.preventDefault();
      open(link);
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("dialog[data-made] form");
    if (!form) return;
    event.preventDefault();
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    send(form, event.submitter);
  });
}
