// The course of the last days on the board.
import { drawLines } from "../ui/chart.js";

const element = document.querySelector("[data-trend]");
const { days, received, finished } = JSON.parse(document.getElementById("board-trend").textContent);
drawLines(element, days, [{ name: "受理", values: received }, { name: "办结", values: finished }]);
