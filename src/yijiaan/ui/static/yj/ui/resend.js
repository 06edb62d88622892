// Signing in elsewhere renews the key of every form: what was given back is sent with the key the browser holds now.
for (const form of document.querySelectorAll("form[data-resend]")) {
  form.addEventListener("submit", () => {
    const key = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="))?.slice("csrftoken=".length);
    if (key) form.elements.csrfmiddlewaretoken.value = key;
  });
}
