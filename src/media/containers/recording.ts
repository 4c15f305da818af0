/** What the headers of a recording or video say. */
export interface RecordingFacts {
  readonly seconds?: number;
  /** As it is shown, turned. */
  readonly picture?: { readonly width: number; readonly height: number };
  readonly sounds?: boolean;
}
