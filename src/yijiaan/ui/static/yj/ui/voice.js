// Says it instead of writing it: one tap begins, one tap ends, at most two minutes. The recording is put into the file input of the
// same strip, so drafts, outbox and plain forms carry it like any file. Without a recorder the input itself opens the phone's own.
const MOST_SECONDS = 120;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/webm"];
const BITS = 24000;

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function watch(strip) {
  const input = strip.querySelector("input[type=file]");
  const chooser = input.closest("label");
  const say = strip.querySelector("[data-say]");
  const words = say.querySelector("span");
  const status = strip.parentElement.querySelector("[data-voice-status]");
  const heard = strip.querySelector("audio");
  const again = strip.querySelector("[data-voice-drop]");
  const form = input.form;
  const canRecord = Boolean(window.MediaRecorder && navigator.mediaDevices && window.isSecureContext && window.DataTransfer);
  const idle = words.textContent;
  let recorder = null;
  let ending = null;
  let ticking = 0;

  const changed = () => input.dispatchEvent(new Event("input", { bubbles: true }));

  function paint() {
    const file = input.files[0];
    if (heard.src) URL.revokeObjectURL(heard.src);
    heard.hidden = again.hidden = !file;
    if (file) heard.src = URL.createObjectURL(file);
    else heard.removeAttribute("src");
    say.hidden = !canRecord || Boolean(file);
    chooser.hidden = Boolean(file) || (canRecord && !strip.dataset.refused);
  }

  function put(file) {
    const transfer = new DataTransfer();
    if (file) transfer.items.add(file);
    input.files = transfer.files;
    paint();
    changed();
  }

  const stop = () => recorder && recorder.state !== "inactive" && recorder.stop();

  function tick(since) {
    const seconds = Math.floor((Date.now() - since) / 1000);
    words.textContent = `${clock(Math.max(seconds, 0))} 说完了，点一下`;
    if (seconds >= MOST_SECONDS) stop();
  }

  async function record() {
    status.textContent = "";
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      strip.dataset.refused = "1";
      status.textContent = "手机没有允许用话筒。可以点“选录音”，或者写几个字";
      paint();
      return;
    }
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    recorder = new MediaRecorder(sound, { mimeType, audioBitsPerSecond: BITS });
    const parts = [];
    const since = Date.now();
    recorder.addEventListener("dataavailable", ({ data }) => data.size && parts.push(data));
    ending = new Promise((resolve) => {
      recorder.addEventListener("stop", () => {
        clearInterval(ticking);
        for (const track of sound.getTracks()) track.stop();
        const type = (recorder.mimeType || mimeType).split(";")[0];
        say.classList.remove("on");
        words.textContent = idle;
        recorder = ending = null;
        if (parts.length) put(new File(parts, type === "audio/mp4" ? "voice.m4a" : "voice.webm", { type }));
        else status.textContent = "没有录上，请再说一次";
        resolve();
      });
    });
    recorder.start(1000);
    say.classList.add("on");
    tick(since);
    ticking = setInterval(() => tick(since), 500);
  }

  say.addEventListener("click", () => (recorder ? stop() : record()));
  again.addEventListener("click", () => {
    put(null);
    if (!say.hidden) say.focus();
  });
  input.addEventListener("change", paint);
  input.addEventListener("photos:restored", paint);
  if (form) {
    form.addEventListener("submit", (event) => {
      if (!ending) return; // still speaking: what was said so far goes along
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      ending.then(() => setTimeout(() => (form.requestSubmit ? form.requestSubmit(submitter || undefined) : form.submit())));
      stop();
    }, true);
  }
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  paint();
}

export function startVoices(root) {
  for (const strip of root.querySelectorAll("[data-voice]")) watch(strip);
}
