// Photos are made small before they travel: longest side 1600 px, JPEG .72, at most 6. The canvas drops EXIF and with it the place.
const SIDE = 1600;
const QUALITY = 0.72;
const MOST = 6;
const LARGE = 3 * 1024 * 1024; // a picture of 100 million pixels must not stay in memory whole

export async function shrink(file) {
  try {
    const options = { imageOrientation: "from-image" };
    if (file.size > LARGE) Object.assign(options, { resizeWidth: SIDE, resizeQuality: "high" });
    const bitmap = await createImageBitmap(file, options);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close?.();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // not a picture we can read: the server says so in words
  }
}

function watch(strip) {
  const input = strip.querySelector("input[type=file]");
  let photos = [];

  const put = () => {
    const transfer = new DataTransfer();
    for (const photo of photos) transfer.items.add(photo);
    input.files = transfer.files;
  };

  const paint = () => {
    for (const figure of strip.querySelectorAll("figure")) {
      URL.revokeObjectURL(figure.querySelector("img").src);
      figure.remove();
    }
    photos.forEach((photo, place) => {
      const figure = document.createElement("figure");
      const image = new Image();
      image.src = URL.createObjectURL(photo);
      image.alt = `第 ${place + 1} 张照片`;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `不要第 ${place + 1} 张`);
      remove.addEventListener("click", () => {
        photos.splice(place, 1);
        put();
        paint();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
      figure.append(image, remove);
      input.closest("label").after(figure);
    });
    input.closest("label").hidden = photos.length >= MOST;
  };

  let shrinking = null;
  input.addEventListener("change", () => {
    const taken = [...input.files];
    const work = (async () => {
      for (const file of taken) if (photos.length < MOST) photos.push(await shrink(file));
      put();
      paint();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      if (shrinking === work) shrinking = null;
    })();
    shrinking = work;
  });
  // a thumb is faster than a canvas: a form sent at once waits for its photos
  input.form?.addEventListener("submit", (event) => {
    if (!shrinking) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { form } = input;
    const { submitter } = event;
    // in a later task: a form ignores requestSubmit while it still handles the first event
    shrinking.then(() => setTimeout(() => (form.requestSubmit ? form.requestSubmit(submitter) : form.submit())));
  }, true);
  input.addEventListener("photos:restored", () => {
    photos = [...input.files];
    paint();
  });
}

export function startPhotos(root) {
  if (!window.DataTransfer || !window.createImageBitmap) return;
  for (const strip of root.querySelectorAll("[data-photos]")) watch(strip);
}
