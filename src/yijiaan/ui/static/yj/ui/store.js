// One IndexedDB database for what must outlive a page: drafts, the outbox, and marks such as who is sending.
const NAME = "yijiaan-ui";
const VERSION = 2;
export const DRAFTS = "drafts";
export const OUTBOX = "outbox";
export const MARKS = "marks";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      for (const [name, options] of [[DRAFTS], [OUTBOX, { keyPath: "key" }], [MARKS]]) {
        if (!database.objectStoreNames.contains(name)) database.createObjectStore(name, options);
      }
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // a newer page may want to add a store
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

// Runs work(store, …) in one transaction and gives the result of the request it returns, once everything is on the disk.
export async function transact(names, mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      let request = null;
      transaction.oncomplete = () => resolve(request ? request.result : undefined);
      transaction.onerror = transaction.onabort = () => reject(transaction.error || new Error("aborted"));
      request = work(...names.map((name) => transaction.objectStore(name)));
    });
  } finally {
    database.close();
  }
}

async function inDrafts(mode, use) {
  try {
    return (await transact([DRAFTS], mode, use)) ?? null;
  } catch {
    return null; // private windows and full disks: the form still works, it only keeps nothing
  }
}

export const readDraft = (key) => inDrafts("readonly", (store) => store.get(key));
export const keepDraft = (key, draft) => inDrafts("readwrite", (store) => store.put(draft, key));
export const dropDraft = (key) => inDrafts("readwrite", (store) => store.delete(key));
export const draftKeys = () => inDrafts("readonly", (store) => store.getAllKeys());
