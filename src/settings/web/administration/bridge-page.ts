import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Refusal } from "../api/refusal.ts";
import { Card } from "../parts/card.ts";
import { refusalLang, refusalWords } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import type { AnyLogin, DeadLetter, Queue, Versions } from "./answers.ts";
import { ChecksCard } from "./checks-card.ts";
import { DeadLettersCard } from "./dead-letters-card.ts";
import { LoginsCard } from "./logins-card.ts";
import { PermissionCard } from "./permission-card.ts";
import { ProgramCard } from "./program-card.ts";

interface BridgeFacts {
  readonly logins: readonly AnyLogin[];
  readonly queues: readonly Queue[];
  readonly letters: readonly DeadLetter[];
  readonly versions: Versions | undefined;
}

/** Milliseconds between looks. */
const LOOK = 5_000;

async function read({ api }: Person): Promise<BridgeFacts> {
  const [{ logins }, { queues }, { dead_letters: letters }, versions] = await Promise.all([
    api.ask<Pick<BridgeFacts, "logins">>("GET", "/admin/v1/logins"),
    api.ask<Pick<BridgeFacts, "queues">>("GET", "/admin/v1/queues"),
    api.ask<{ dead_letters: readonly DeadLetter[] }>("GET", "/admin/v1/dead_letters"),
    api.offers("GET /admin/v1/versions") ? api.ask<Versions>("GET", "/admin/v1/versions") : undefined,
  ]);
  return { logins, queues, letters, versions };
}

/** The bridge as its administrators see it: ids, counts and reasons, and nothing that anybody wrote. */
export function BridgePage({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { bridge, page } = speech.words;
  const [facts, setFacts] = useState<BridgeFacts>();
  const [wrong, setWrong] = useState<Refusal>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const now = await read(person);
          if (isOver) return;
          setFacts(now);
          setWrong(undefined);
        }
      } catch (cause) {
        if (!isOver) setWrong(Refusal.from(cause));
      }
      if (!isOver) timer = setTimeout(() => void look(), LOOK);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [person]);
  if (facts === undefined)
    return h(
      "main",
      { class: "page" },
      h(
        "p",
        {
          class: wrong === undefined ? "muted" : "note",
          role: "status",
          ...(wrong === undefined ? {} : refusalLang(speech, wrong)),
        },
        wrong === undefined ? page.loading : refusalWords(speech, wrong),
      ),
    );
  const { logins, queues, letters, versions } = facts;
  return h(
    "main",
    { class: "page" },
    h(LoginsCard, { person, logins }),
    h(
      Card,
      { title: bridge.queues },
      h(
        "ul",
        { class: "plain rowed" },
        queues.map(({ name, rows, lanes }) =>
          h(
            "li",
            { key: name, class: "row" },
            h(
              "span",
              { class: "grow" },
              name in bridge.queueNames ? bridge.queueNames[name as QueueName] : name,
            ),
            h(
              "span",
              { class: rows === 0 ? "muted" : "strong" },
              rows === 0
                ? bridge.nothingWaits
                : `${speech.count(bridge.rows, rows, {})}, ${speech.count(bridge.lanes, lanes, {})}`,
            ),
          ),
        ),
      ),
    ),
    h(DeadLettersCard, { letters, logins }),
    person.api.offers("POST /admin/v1/checks") && h(ChecksCard, { person }),
    h(PermissionCard, { person }),
    versions && h(ProgramCard, { person, versions }),
  );
}

type QueueName = "matrix_inbox" | "matrix_outbox" | "network_inbox" | "network_outbox";
