import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import type { Message } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { words } from "../words.ts";
import { AttachSheet, type FileKind, MoreSheet, type OtherKind } from "./attach-sheet.ts";
import { Recorder } from "./recorder.ts";
import { RecordingBar } from "./recording-bar.ts";
import { sendFile } from "./sent-file.ts";
import { nameOf, summaryOf } from "./summary.ts";
import { Typing } from "./typing.ts";
import { soundOf } from "./waveform.ts";

/** What the next message is to be: an answer, or new words for an earlier one. */
export interface Intent {
  readonly kind: "reply" | "edit";
  readonly message: Message;
}

interface ComposerProps {
  readonly phone: PlayedPhone;
  readonly to: string;
  /** Whether it can send made-up messages of other kinds. */
  readonly others: boolean;
  readonly intent: Intent | undefined;
  readonly onDone: () => void;
}

function intentBar({ kind, message }: Intent, onDone: () => void): View {
  const title = kind === "edit" ? words.chat.editing : `${words.chat.answering} ${nameOf(message.item)}`;
  return h(
    "div",
    { class: "intent" },
    h("span", { class: "quote" }, h("b", null, title), h("br", null), summaryOf(message)),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": words.chat.cancel, onClick: onDone },
      h(Icon, { name: "close" }),
    ),
  );
}

/** Where one writes. Enter sends, Shift and Enter begin a new line, Escape takes the answer or edit back. */
export function Composer({ phone, to, others, intent, onDone }: ComposerProps): View {
  const [text, setText] = useState("");
  const [file, setFile] = useState<File>();
  const [more, setMore] = useState(false);
  const [recorder, setRecorder] = useState<Recorder>();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const typing = useMemo(() => new Typing(phone, to), [phone, to]);
  useEffect(() => () => typing.stops(), [typing]);
  useEffect(() => () => recorder?.cancel(), [recorder]);
  useLayoutEffect(() => {
    if (intent === undefined) return;
    if (intent.kind === "edit") setText(intent.message.edited ?? intent.message.item.text ?? "");
    field.current?.focus();
  }, [intent]);
  const target = intent?.kind === "reply" ? { target: intent.message.item.id } : {};

  const sent = (): void => {
    typing.sent();
    setText("");
    onDone();
    field.current?.focus();
  };
  const send = (): void => {
    if (text.trim() === "") return;
    if (intent?.kind === "edit") void phone.does("edits", { to, target: intent.message.item.id, text });
    else phone.send("says", to, { text, ...target }, { text, ...target });
    sent();
  };
  const picked = async (kind: FileKind, caption: string): Promise<void> => {
    if (file === undefined) return;
    setFile(undefined);
    const sound = kind === "voice" ? { sound: await soundOf(file) } : {};
    await sendFile(phone, to, { file, kind, name: file.name, caption, ...sound, ...target });
    sent();
  };
  const other = (kind: OtherKind): void => {
    setMore(false);
    void phone.does("sendsOther", { to, kind });
  };
  const record = async (): Promise<void> => {
    try {
      setRecorder(await Recorder.start());
      typing.goesOn(true);
    } catch {
      phone.complain(words.voice.none);
    }
  };
  const recorded = async (): Promise<void> => {
    if (recorder === undefined) return;
    const stopped = recorder.stop();
    setRecorder(undefined);
    const { file: voice, ...sound } = await stopped;
    await sendFile(phone, to, { file: voice, kind: "voice", sound, ...target });
    sent();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && intent !== undefined) {
      setText("");
      return onDone();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  if (recorder !== undefined) {
    const onCancel = (): void => {
      setRecorder(undefined);
      typing.stops();
    };
    const onGoesOn = (): void => typing.goesOn(true);
    return h(RecordingBar, { recorder, onGoesOn, onSend: () => void recorded(), onCancel });
  }
  const cancel = (): void => {
    setText("");
    onDone();
  };
  return h(
    "form",
    {
      class: "composer",
      onSubmit: (event: Event) => {
        event.preventDefault();
        send();
      },
    },
    intent && intentBar(intent, cancel),
    h(
      "div",
      { class: "write" },
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": words.attach.more,
          onClick: () => setMore(true),
        },
        h(Icon, { name: "plus" }),
      ),
      h("input", {
        ref: picker,
        type: "file",
        hidden: true,
        "aria-label": words.attach.file,
        onChange: () => {
          const [chosen] = picker.current?.files ?? [];
          if (chosen !== undefined) setFile(chosen);
          if (picker.current !== null) picker.current.value = "";
        },
      }),
      h("textarea", {
        ref: field,
        rows: 1,
        value: text,
        placeholder: words.chat.write,
        "aria-label": words.chat.write,
        onInput: (event: Event) => {
          setText((event.currentTarget as HTMLTextAreaElement).value);
          typing.goesOn();
        },
        onKeyDown,
        onPaste: (event: ClipboardEvent) => {
          const [pasted] = event.clipboardData?.files ?? [];
          if (pasted === undefined) return;
          event.preventDefault();
          setFile(pasted);
        },
      }),
      text.trim() === "" && intent?.kind !== "edit"
        ? h(
            "button",
            {
              type: "button",
              class: "icon-button",
              "aria-label": words.voice.record,
              onClick: () => void record(),
            },
            h(Icon, { name: "mic" }),
          )
        : h(
            "button",
            { type: "submit", class: "primary icon-button", "aria-label": words.chat.send },
            h(Icon, { name: "send" }),
          ),
    ),
    more &&
      h(MoreSheet, {
        onOther: others ? other : undefined,
        onFile: () => {
          setMore(false);
          picker.current?.click();
        },
        onClose: () => setMore(false),
      }),
    file &&
      h(AttachSheet, {
        file,
        onSend: (kind, caption) => void picked(kind, caption),
        onClose: () => setFile(undefined),
      }),
  );
}
