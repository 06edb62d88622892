// How a kept row is spoken of.
import { isOverdue } from "./outbox.js";

const two = (number) => String(number).padStart(2, "0");
const dayOf = (moment) => new Date(moment).toDateString();

export function whenWords(moment) {
  const at = new Date(moment);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (dayOf(moment) === dayOf(Date.now())) return `今天 ${clock}`;
  if (dayOf(moment) === dayOf(Date.now() - 24 * 3600 * 1000)) return `昨天 ${clock}`;
  return `${at.getMonth() + 1}月${at.getDate()}日 ${clock}`;
}

// Words and colour of a row's state, and what stands below its title.
export function stateOf(row) {
  if (row.state === "sent") return { words: "已上传", kind: "done", more: row.number ? `编号 ${row.number}` : "" };
  if (row.state === "fix") return { words: "要改一改", kind: "soon", more: row.errors.map(({ message }) => message).join("；") };
  if (isOverdue(row)) return { words: "超过 7 天没传上", kind: "late", more: "请到有信号的地方打开这一页，或导出成文件交给镇里" };
  if (row.state === "signin") return { words: "等登录", kind: "soon", more: "登录后自动上传" };
  if (!navigator.onLine) return { words: "等信号", kind: "", more: "" };
  if (row.tries > 0) return { words: "再试", kind: "", more: `试了 ${row.tries} 次还没传上，会自动再试` };
  return { words: "正在上传", kind: "doing", more: "" };
}
