// Asks the phone where it is, once it is wanted, and tells the place picker of the same form by an event.
const REFUSED = { 1: "手机没有允许定位，请在地图上点，或从列表里选", 2: "现在定不了位，请在地图上点，或从列表里选", 3: "定位太慢，请在地图上点，或从列表里选" };

export function startPositions(root) {
  for (const button of root.querySelectorAll("[data-locate]")) {
    if (!navigator.geolocation || !window.isSecureContext) continue;
    button.hidden = false;
    const status = document.getElementById(button.dataset.locate);
    const ask = () => {
      status.textContent = "正在定位";
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          status.textContent = `已定位，误差约 ${Math.round(coords.accuracy)} 米`;
          button.form.dispatchEvent(new CustomEvent("position", { detail: { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy } }));
        },
        (error) => { status.textContent = REFUSED[error.code]; },
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
      );
    };
    button.addEventListener("click", ask);
    if (button.hasAttribute("data-at-once")) ask();
  }
}
