import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { h, type View } from "../../page/web/dom.ts";
import { Api } from "./api/api.ts";
import { Refusal } from "./api/refusal.ts";
import { endSession, forgetSession, openSession, type Session } from "./api/session.ts";
import { Away, Over } from "./parts/ends.ts";
import { SettingsPage } from "./settings-page.ts";
import { Person } from "./state/person.ts";
import { keepLanguage, preferredLanguage, Speech, SpeechContext } from "./words/speech.ts";

type Stage =
  | { readonly at: "opening" }
  | { readonly at: "away" }
  /** `words`: why, as the bridge says it. */
  | { readonly at: "over"; readonly words?: string; readonly bot?: string }
  | { readonly at: "open"; readonly person: Person };

/** Milliseconds until a bridge that does not answer is asked again. */
const AGAIN = 2_000;

export function App({ linkKey }: { readonly linkKey: string | undefined }): View {
  const [code, setCode] = useState(preferredLanguage);
  const speech = useMemo(() => new Speech(code), [code]);
  const [stage, setStage] = useState<Stage>({ at: "opening" });
  const [, changed] = useReducer((n: number) => n + 1, 0);
  const [tries, tryAgain] = useReducer((n: number) => n + 1, 0);

  const shown = useRef<Person | undefined>(undefined);
  shown.current = stage.at === "open" ? stage.person : undefined;
  useEffect(() => () => shown.current?.dispose(), []);

  const enter = useCallback(async (session: Session): Promise<void> => {
    const api = new Api(session.token, () => {
      forgetSession();
      setStage((now) => {
        if (now.at !== "open") return now.at === "over" ? now : { at: "over" };
        now.person.dispose();
        return { at: "over", bot: now.person.facts?.whoami.bridge_bot ?? "" };
      });
    });
    await api.learn();
    setStage({ at: "open", person: new Person(session, api, () => changed(undefined)) });
  }, []);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const opening = async (): Promise<void> => {
      try {
        const session = await openSession(linkKey);
        if (session === undefined) setStage({ at: "over" });
        else await enter(session);
      } catch (cause) {
        const { status, message } = Refusal.from(cause);
        if (status !== 0) return setStage({ at: "over", words: message });
        setStage({ at: "away" });
        timer = setTimeout(() => tryAgain(undefined), AGAIN);
      }
    };
    void opening();
    return () => clearTimeout(timer);
  }, [linkKey, enter, tries]);

  useEffect(() => {
    document.documentElement.lang = code;
    document.title = speech.words.page.title;
  }, [code, speech]);

  const speak = (wanted: string): void => {
    keepLanguage(wanted);
    setCode(wanted);
  };
  const signOut = (person: Person): void => {
    person.dispose();
    setStage({ at: "over", bot: person.facts?.whoami.bridge_bot ?? "" });
    void endSession(person.session.token);
  };
  const { words } = speech;
  return h(
    SpeechContext.Provider as unknown as (props: { readonly value: Speech }) => View,
    { value: speech },
    stage.at === "open"
      ? h(SettingsPage, {
          person: stage.person,
          onLanguage: speak,
          onSignOut: () => signOut(stage.person),
        })
      : stage.at === "over"
        ? h(Over, { words: stage.words, bot: stage.bot, onLanguage: speak })
        : stage.at === "away"
          ? h(Away, {})
          : h("main", { class: "page" }, h("p", { role: "status", class: "muted" }, words.page.loading)),
  );
}
