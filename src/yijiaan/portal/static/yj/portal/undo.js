// 撤回: for half a minute after a dispatch a line offers to take it back, and counts down. The server decides; this only shows it.
export function startUndo(rows) {
  const slot = document.querySelector("[data-undo-slot]");
  let ticking = 0;

  function run() {
    clearInterval(ticking);
    const form = slot.querySelector("[data-undo-form]");
    if (!form) return;
    const until = Date.now() + Number(form.dataset.seconds) * 1000;
    ticking = setInterval(() => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds > 0) form.querySelector("[data-left]").textContent = `${seconds} 秒`;
      else {
        clearInterval(ticking);
        form.remove();
      }
    }, 500);
  }

  async function offer(number) {
    const answer = await fetch(rows.dataset.undo.replace("NUMBER", number), { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    slot.innerHTML = await answer.text();
    run();
  }

  run();
  return { offer, press: () => slot.querySelector("[data-undo-form] button")?.click() };
}
