import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Icon } from "../../../../../src/page/web/icon.ts";
import { AttachSheet, type FileKind } from "../../../../../src/sandbox/page/web/chat/attach-sheet.ts";
import { Recorder } from "../../../../../src/sandbox/page/web/chat/recorder.ts";
import { RecordingBar } from "../../../../../src/sandbox/page/web/chat/recording-bar.ts";
import { soundOf } from "../../../../../src/sandbox/page/web/chat/waveform.ts";
import { textContent } from "../../model/text-content.ts";
import type { Account } from "../link/account.ts";
import { editContent, replyTo, sent } from "../link/outgoing.ts";
import type { Uploads } from "../link/uploads.ts";
import { titleOf } from "../rooms/room-facts.ts";
import { words } from "../words.ts";
import { OwnTyping } from "./own-typing.ts";
import { bodyOf, summaryOf } from "./summary.ts";

/** What one is about to do with a message. */
export interface Intent {
  readonly kind: "reply" | "edit";
  readonly event: MatrixEvent;
}

/** How a client sends a file of this type, the likeliest first. */
function kindsFor({ type }: File): readonly FileKind[] {
  if (type.startsWith("image/")) return ["image", "file"];
  if (type.startsWith("video/")) return ["video", "gif", "file"];
  if (type.startsWith("audio/")) return ["voice", "file"];
  return ["file"];
}

function IntentBar({ intent, onCancel }: { readonly intent: Intent; readonly onCancel: () => void }): View {
  return h(
    "div",
    { class: "intent" },
    h(
      "span",
      { class: "quote" },
      h("b", null, intent.kind === "reply" ? words.chat.answering : words.chat.editing),
      h("br", null),
      summaryOf(intent.event),
    ),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": words.chat.cancel, onClick: onCancel },
      h(Icon, { name: "close" }),
    ),
  );
}

interface ComposerProps {
  readonly account: Account;
  readonly room: Room;
  readonly uploads: Uploads;
  readonly intent: Intent | undefined;
  /** Something that a button has begun to write. */
  readonly begun: { readonly text: string } | undefined;
  readonly onDone: () => void;
}

export function Composer({ account, room, uploads, intent, begun, onDone }: ComposerProps): View {
  const { roomId } = room;
  const [text, setText] = useState("");
  const [file, setFile] = useState<File>();
  const [recorder, setRecorder] = useState<Recorder>();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const typing = useMemo(() => new OwnTyping(account, roomId), [account, roomId]);
  useEffect(() => () => typing.stops(), [typing]);
  useEffect(() => () => recorder?.cancel(), [recorder]);
  useLayoutEffect(() => {
    if (intent === undefined) return;
    if (intent.kind === "edit") setText(bodyOf(intent.event));
    field.current?.focus();
  }, [intent]);
  useLayoutEffect(() => {
    if (begun === undefined) return;
    setText(begun.text);
    field.current?.focus();
  }, [begun]);
  const reply = replyTo(intent?.kind === "reply" ? intent.event : undefined);

  const done = (): void => {
    typing.stops();
    setText("");
    onDone();
    field.current?.focus();
  };
  const send = (): void => {
    const said = text.trim();
    if (said === "") return;
    const content =
      intent?.kind === "edit" ? editContent(intent.event, said) : { ...textContent(said), ...reply };
    void account.tries((client) => sent(client, roomId, "m.room.message", content));
    done();
  };
  const sendFile = async (picked: File, kind: FileKind, caption: string): Promise<void> => {
    setFile(undefined);
    const sound = kind === "voice" ? { sound: await soundOf(picked) } : {};
    void uploads.send(roomId, { file: picked, kind, name: picked.name, caption, reply, ...sound });
    done();
  };
  const record = async (): Promise<void> => {
    try {
      setRecorder(await Recorder.start());
      typing.goesOn();
    } catch {
      account.complain(words.voiceNone);
    }
  };
  const recorded = async (): Promise<void> => {
    if (recorder === undefined) return;
    const stopped = recorder.stop();
    setRecorder(undefined);
    const { file: voice, ...sound } = await stopped;
    void uploads.send(roomId, { file: voice, kind: "voice", name: words.media.voice, sound, reply });
    done();
  };
  const cancel = (): void => {
    setText("");
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && intent !== undefined) return cancel();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  if (recorder !== undefined) {
    return h(RecordingBar, {
      recorder,
      onGoesOn: () => typing.goesOn(),
      onSend: () => void recorded(),
      onCancel: () => {
        setRecorder(undefined);
        typing.stops();
      },
    });
  }
  return h(
    "form",
    {
      class: "composer",
      onSubmit: (event: Event) => {
        event.preventDefault();
        send();
      },
    },
    intent && h(IntentBar, { intent, onCancel: cancel }),
    h(
      "div",
      { class: "write" },
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": words.attach.file,
          onClick: () => picker.current?.click(),
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
        "aria-label": words.chat.writeTo(titleOf(room)),
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
              "aria-label": words.attach.record,
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
    file &&
      h(AttachSheet, {
        file,
        kinds: kindsFor(file),
        onSend: (kind, caption) => void sendFile(file, kind, caption),
        onClose: () => setFile(undefined),
      }),
  );
}
