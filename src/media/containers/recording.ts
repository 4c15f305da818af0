/** The facts in the headers of a recording or video. */
export interface RecordingFacts {
  readonly seconds?: number;
  /** The size as it is shown, after rotation. */
  readonly picture?: { readonly width: number; readonly height: number };
  readonly sounds?: boolean;
}
