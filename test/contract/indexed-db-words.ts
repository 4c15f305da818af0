/** What the crypto library and this suite use of a database, in the words of the Indexed Database API 3.0. */
interface IdbRequest {
  onsuccess: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly result: unknown;
  readonly error: { readonly name: string } | null;
}
export interface IdbCursor {
  readonly key: unknown;
  readonly primaryKey: unknown;
  readonly value: unknown;
  continue(key?: unknown): void;
  update(value: unknown): IdbRequest;
  delete(): IdbRequest;
}
interface IdbIndex {
  get(query: unknown): IdbRequest;
  getAll(query?: unknown, count?: number): IdbRequest;
  getAllKeys(query?: unknown, count?: number): IdbRequest;
  count(query?: unknown): IdbRequest;
  openCursor(query?: unknown): IdbRequest;
}
interface IdbStore extends IdbIndex {
  put(value: unknown, key: unknown): IdbRequest;
  add(value: unknown, key: unknown): IdbRequest;
  delete(query: unknown): IdbRequest;
  clear(): IdbRequest;
  index(name: string): IdbIndex;
  createIndex(name: string, keyPath: string | string[], options?: { unique?: boolean }): IdbIndex;
}
export interface IdbTransaction {
  oncomplete: ((event: never) => void) | null;
  onabort: ((event: never) => void) | null;
  readonly error: { readonly name: string } | null;
  objectStore(name: string): IdbStore;
  abort(): void;
  commit(): void;
}
export interface IdbDatabase {
  readonly version: number;
  readonly objectStoreNames: { contains(name: string): boolean; readonly length: number };
  transaction(names: string | string[], mode?: "readonly" | "readwrite"): IdbTransaction;
  createObjectStore(name: string): IdbStore;
  deleteObjectStore(name: string): void;
  close(): void;
}
interface IdbOpenRequest extends IdbRequest {
  onupgradeneeded: ((event: never) => void) | null;
}
export interface IndexedDbUnderTest extends AsyncDisposable {
  /** Whether bytes can be keys: another library may not know those of this realm. */
  readonly hasByteKeys: boolean;
  readonly factory: { open(name: string, version?: number): IdbOpenRequest };
  readonly KeyRange: {
    bound(lower: unknown, upper: unknown, lowerOpen?: boolean, upperOpen?: boolean): unknown;
    lowerBound(lower: unknown, open?: boolean): unknown;
    upperBound(upper: unknown, open?: boolean): unknown;
    only(key: unknown): unknown;
  };
}

export const done = <Result = unknown>(request: IdbRequest): Promise<Result> =>
  new Promise((resolve, reject) => {
    Object.assign(request, {
      onsuccess: () => resolve(request.result as Result),
      onerror: () => reject(request.error),
    });
  });

export const complete = (transaction: IdbTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    Object.assign(transaction, { oncomplete: resolve, onabort: () => reject(transaction.error) });
  });

export async function opened(
  { factory }: IndexedDbUnderTest,
  upgrade: (database: IdbDatabase, oldVersion: number) => void = (database) => {
    database.createObjectStore("rows");
    database.createObjectStore("others").createIndex("by-sender", ["sender", "info.kind"]);
  },
  version?: number,
): Promise<IdbDatabase> {
  const request = factory.open("machine", version);
  request.onupgradeneeded = (event: { readonly oldVersion: number }) =>
    upgrade(request.result as IdbDatabase, event.oldVersion);
  return done<IdbDatabase>(request);
}

export async function filled(under: IndexedDbUnderTest, keys: readonly unknown[]): Promise<IdbDatabase> {
  const database = await opened(under);
  const transaction = database.transaction("rows", "readwrite");
  const rows = transaction.objectStore("rows");
  for (const key of keys) rows.put({ key }, key);
  await complete(transaction);
  return database;
}

export const rowsIn = (database: IdbDatabase) => database.transaction("rows").objectStore("rows");
