const collapsible = /[ \t\n\f]+/g;
const unwanted = /[^\P{Cc}\t\n\f]/gu;
const steady = /[ \u00a0]{2,}|^\u00a0|\u00a0$/g;

/** Collects text as a browser would lay it out: lines, with white space collapsed outside code blocks. */
export class HtmlText {
  readonly #lines: string[] = [];
  #before = 0;
  #line = "";
  #spaceLast = false;
  #paragraphAt = 0;
  #gap: "none" | "open" | "due" = "none";

  /** UTF-16 offset of what is written next. */
  get offset(): number {
    return this.#before + this.#line.length;
  }

  get atLineStart(): boolean {
    return this.#line === "";
  }

  write(data: string): void {
    let text = data.replaceAll(unwanted, "").replaceAll(collapsible, " ");
    if (text.startsWith(" ") && (this.#line === "" || this.#spaceLast)) text = text.slice(1);
    if (text === "") return;
    this.#fillGap();
    this.#line += text;
    this.#spaceLast = text.endsWith(" ");
  }

  /** Ends the line, also an empty one. */
  breakLine(): void {
    this.#fillGap();
    let line = this.#spaceLast ? this.#line.slice(0, -1) : this.#line;
    if (line.includes("\u00a0")) line = line.replaceAll(steady, (run) => " ".repeat(run.length));
    this.#push(line);
    this.#line = "";
    this.#spaceLast = false;
  }

  /** Begins or ends a block: what follows starts a line. */
  boundary(): void {
    if (this.#line !== "") this.breakLine();
    this.#gap = "none";
  }

  /** Begins or ends a paragraph; an empty line separates two paragraphs in a row. */
  paragraph(edge: "start" | "end"): void {
    const gap = this.#line === "" ? this.#gap : "none";
    this.boundary();
    if (edge === "start") {
      this.#paragraphAt = this.#before;
      this.#gap = gap === "open" ? "due" : "none";
    } else this.#gap = this.#before > this.#paragraphAt || gap === "due" ? "open" : "none";
  }

  /** Text of a code block, as it is; call at a boundary. */
  verbatim(code: string): void {
    if (code !== "") this.#push(code);
  }

  text(): string {
    this.boundary();
    return this.#lines.join("\n");
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#before += line.length + 1;
  }

  #fillGap(): void {
    const due = this.#gap === "due";
    this.#gap = "none";
    if (due) this.#push("");
  }
}
