import { h, type View } from "../../../page/web/dom.ts";
import type { DisplayStep, InputStep } from "../api/answers.ts";
import { begin } from "../cards/network-row.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { CodePicture } from "../parts/code-picture.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { FieldsForm } from "./fields-form.ts";
import { NoticeForm } from "./notice-form.ts";

interface LoginCardProps {
  readonly person: Person;
  readonly facts: PersonFacts;
}

/** The login that is under way, or how it ended; nothing where there is none. */
export function LoginCard({ person }: LoginCardProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const { step, end } = person.login;
  if (end !== undefined) return h(EndCard, { person });
  if (step === undefined) return h("div", { hidden: true });
  const network = person.network(step.network_id)?.name ?? step.network_id;
  const isNotice = step.type === "user_input" && step.notice !== undefined;
  const title = speech.fill(isNotice ? words.login.before : words.login.title, { network });
  return h(
    Card,
    { title, class: "called arrives", isCalled: person.login.isOurs },
    !person.login.isOurs && h("p", { class: "small muted" }, words.login.fromChat),
    step.type === "user_input" &&
      isNotice &&
      h(NoticeForm, {
        key: step.step_id,
        step,
        isBusy: person.login.isBusy,
        onAgree: (beside: Readonly<Record<string, string>>) => answer(person, { agree: "yes", ...beside }),
        onCancel: () => cancel(person),
      }),
    step.type === "user_input" && !isNotice && h(InputForm, { key: step.step_id, person, step }),
    step.type === "display_and_wait" && h(Display, { person, step, network }),
  );
}

/** Ends the login at the person's wish. */
const cancel = (person: Person): Promise<boolean> => person.takes(() => person.login.cancel());

/** Answers a step. */
const answer = (person: Person, values: Readonly<Record<string, string>>): Promise<boolean> =>
  person.takes(() => person.login.answer(values));

function InputForm({ person, step }: { readonly person: Person; readonly step: InputStep }): View {
  const speech = useSpeech();
  const { words } = speech;
  // The problem is said at its field, or above them.
  const { problem } = step;
  const instructions =
    problem === undefined ? step.instructions : step.instructions.replace(`${problem.words}\n`, "");
  return h(
    "div",
    { class: "stack" },
    h("p", speech.foreign, instructions),
    h(FieldsForm, {
      step,
      submit: words.login.send,
      isBusy: person.login.isBusy,
      onSubmit: (values: Readonly<Record<string, string>>) => answer(person, values),
      onCancel: () => cancel(person),
    }),
  );
}

interface DisplayProps {
  readonly person: Person;
  readonly step: DisplayStep;
  readonly network: string;
}

function Display({ person, step, network }: DisplayProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const { type, data = "", url } = step.display_and_wait;
  const png = person.login.picture;
  return h(
    "div",
    { class: "stack shown" },
    h("p", speech.foreign, step.instructions),
    type === "qr" && png !== undefined && h(CodePicture, { png, label: words.login.code }),
    type === "code" && url === undefined && h("p", { class: "typed-code mono" }, data),
    url !== undefined &&
      /^https?:/i.test(url) &&
      h(
        "p",
        null,
        h("a", { class: "button primary", href: url, target: "_blank", rel: "noreferrer" }, words.login.open),
      ),
    url !== undefined && h("p", { class: "mono small wraps" }, url),
    type === "nothing"
      ? h("p", { class: "waits", role: "status" }, speech.fill(words.login.waiting, { network }))
      : h("p", { class: "small muted" }, words.login.renewed),
    h("div", { class: "acts" }, h(ActButton, { act: () => cancel(person) }, words.page.cancel)),
  );
}

/** How a login ended, until the person has seen it. */
function EndCard({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { words } = speech;
  const { end } = person.login;
  const card = person.network(end?.network ?? "");
  const network = card?.name ?? end?.network ?? "";
  const account = card?.accounts.find((one) => end?.kind === "done" && one.login_id === end.login);
  const [only, ...others] = card?.login_flows ?? [];
  const title = end?.kind === "done" ? speech.fill(words.login.done, { network }) : words.login.failed;
  return h(
    Card,
    { title, class: `called arrives ${end?.kind === "failed" ? "bad" : ""}`, isCalled: person.login.isOurs },
    h(
      "div",
      { role: "status" },
      end?.kind === "done" &&
        account &&
        h(
          "p",
          null,
          speech.fill(card?.own_app ? words.device.done : words.login.doneMore, { id: account.visible_id }),
        ),
      end?.kind === "failed" && h("p", speech.foreign, end.words),
      end?.kind === "gone" && h("p", null, words.login.gone),
    ),
    h(
      "div",
      { class: "acts" },
      end?.kind !== "done" &&
        only &&
        others.length === 0 &&
        card?.can_log_in === true &&
        h(ActButton, { act: () => begin(person, only) }, words.login.again),
      h("button", { type: "button", class: "primary", onClick: () => person.login.close() }, words.login.ok),
    ),
  );
}
