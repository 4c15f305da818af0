export declare const StoreType: { readonly Sled: 0; readonly Sqlite: 1 };
export type StoreType = 0 | 1;
export declare class OlmMachine {}
