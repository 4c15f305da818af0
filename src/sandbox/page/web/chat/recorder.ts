import { type Sound, soundOf } from "./waveform.ts";

/** What phones send, the best first. */
const wanted = ["audio/ogg;codecs=opus", "audio/mp4;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];

export interface Recording extends Sound {
  readonly file: Blob;
}

/** A voice note that is being recorded. Rejects at the start when there is no microphone, or none is allowed. */
export class Recorder {
  readonly #recorder: MediaRecorder;
  readonly #stream: MediaStream;
  readonly #chunks: Blob[] = [];
  readonly #began = performance.now();

  static async start(): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    return new Recorder(stream);
  }

  private constructor(stream: MediaStream) {
    const type = wanted.find((one) => MediaRecorder.isTypeSupported(one));
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream, type === undefined ? {} : { mimeType: type });
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#chunks.push(data));
    this.#recorder.start();
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  async stop(): Promise<Recording> {
    const { seconds } = this;
    const stopped = new Promise((resolve) =>
      this.#recorder.addEventListener("stop", resolve, { once: true }),
    );
    this.#recorder.stop();
    await stopped;
    this.#release();
    const [type = "audio/ogg"] = this.#recorder.mimeType.split(";");
    const file = new Blob(this.#chunks, { type });
    return { file, ...(await soundOf(file, seconds)) };
  }

  cancel(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#release();
  }

  #release(): void {
    for (const track of this.#stream.getTracks()) track.stop();
  }
}
