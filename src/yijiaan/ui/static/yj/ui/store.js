// One IndexedDB database for what must outlive a page. Every function gives null when the browser keeps nothing.
const NAME = "yijiaan-ui";
const DRAFTS = "drafts";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(DRAFTS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, use) {
  try {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(DRAFTS, mode);
        const request = use(transaction.objectStore(DRAFTS));
        transaction.oncomplete = () => resolve(request.result ?? null);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return null; // private windows and full disks: the form still works, it only keeps nothing
  }
}

export const readDraft = (key) => inStore("readonly", (store) => store.get(key));
export const keepDraft = (key, draft) => inStore("readwrite", (store) => store.put(draft, key));
export const dropDraft = (key) => inStore("readwrite", (store) => store.delete(key));
export const draftKeys = () => inStore("readonly", (store) => store.getAllKeys());
