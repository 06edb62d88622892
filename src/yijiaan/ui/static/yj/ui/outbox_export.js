// What could not be sent as one file that any phone or computer opens: words, pictures and recordings.
import { whenWords } from "./outbox_words.js";

const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);

const asData = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});

// Each deed goes along closed too, as it would have been sent: at /outbox/file/ the server takes it from here, exactly once.
async function closedPart(row) {
  if (!row.sealed) return "";
  const sealed = (await asData(new Blob([row.sealed]))).split(",")[1];
  const said = JSON.stringify({ key: row.key, action: row.action, title: row.title, at: row.at, sealed });
  return `<textarea hidden readonly data-kept>${escape(said)}</textarea>`;
}

async function section(row) {
  if (row.isClosed) return `<section><h2>${escape(row.title)}</h2><p>${escape(whenWords(row.at))}，提交键 ${escape(row.key)}</p><p>这一条在这台手机上打不开了，内容封在这个文件里，镇里的服务器打得开。</p>${await closedPart(row)}</section>`;
  const facts = row.facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join("");
  const text = (row.fields.find(([name]) => name === "text") || ["", ""])[1];
  const files = [];
  for (const { file } of row.files) {
    const data = await asData(file);
    files.push(file.type.startsWith("audio/") ? `<audio controls src="${data}"></audio>` : `<img src="${data}" alt="照片" width="480">`);
  }
  return `<section><h2>${escape(row.title)}</h2><p>${escape(whenWords(row.at))}，提交键 ${escape(row.key)}</p><p>${escape(text)}</p><dl>${facts}</dl>${files.join("")}${await closedPart(row)}</section>`;
}

export async function exportRows(rows) {
  const parts = [];
  for (const row of rows) parts.push(await section(row));
  const page = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>没传上去的事</title><h1>没传上去的事 ${rows.length} 条</h1><p>在有网的电脑上用写的人的账号登录，打开 ${escape(location.origin)}/outbox/file/ ，把这个文件交上去，每一条只算一次。</p>${parts.join("<hr>")}</html>`;
  const link = document.createElement("a");
  const now = new Date();
  link.download = `没传上去的事-${now.getMonth() + 1}月${now.getDate()}日.html`;
  link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
