import { readFileSync } from "node:fs";
import { type DescField, type DescFile, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { file_attachment } from "../../../../src/networks/signal/wire/gen/attachment_pb.js";
import { file_content } from "../../../../src/networks/signal/wire/gen/content_pb.js";
import { file_data_message } from "../../../../src/networks/signal/wire/gen/data-message_pb.js";
import { file_envelope } from "../../../../src/networks/signal/wire/gen/envelope_pb.js";
import { file_groups } from "../../../../src/networks/signal/wire/gen/groups_pb.js";
import { file_provisioning } from "../../../../src/networks/signal/wire/gen/provisioning_pb.js";
import { file_storage } from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { file_sync_message } from "../../../../src/networks/signal/wire/gen/sync-message_pb.js";

const files: readonly DescFile[] = [
  file_attachment,
  file_content,
  file_data_message,
  file_envelope,
  file_groups,
  file_provisioning,
  file_storage,
  file_sync_message,
];

/** The mock's code, made by Signal's own protobuf compiler from Signal's own .proto files. */
const compiled = readFileSync("node_modules/@signalapp/mock-server/protos/compiled.js", "utf8");
/** Message by its name with `_` for a dot: its fields' types by number, the first at 0. */
const types = new Map(
  Array.from(
    compiled.matchAll(/const signalservice_(\w+)\$SPEC = \[([\d,]*)\];/g),
    ([, name = "", list = ""]) => [name, list.split(",").map(Number)],
  ),
);
/** Message by the same name: its fields' names by number. */
const names = new Map(
  Array.from(
    compiled.matchAll(/\$decode\(data, signalservice_(\w+)\$SPEC, \(id, value\) => \{(.*?)\n {4}\}/gs),
    ([, name = "", body = ""]) => [name, body] as const,
  ),
);

/** As the mock's compiler writes a field's type. */
const TYPE: Partial<Record<ScalarType, number>> = {
  [ScalarType.UINT32]: 33,
  [ScalarType.UINT64]: 34,
  [ScalarType.FIXED64]: 36,
  [ScalarType.BOOL]: 65,
  [ScalarType.BYTES]: 96,
  [ScalarType.STRING]: 112,
};
const MESSAGE = 128;

const allOf = (messages: readonly DescMessage[]): DescMessage[] =>
  messages.flatMap((message) => [message, ...allOf(message.nestedMessages)]);
const messages = files.flatMap((file) => allOf(file.messages));
const nameOf = (message: DescMessage) => message.typeName.replace("signalservice.", "").replaceAll(".", "_");
const scalarOf = (field: DescField): ScalarType | undefined =>
  field.fieldKind === "scalar" || (field.fieldKind === "list" && field.listKind === "scalar")
    ? field.scalar
    : undefined;
const typeOf = (field: DescField) => (field.message ? MESSAGE : TYPE[scalarOf(field) ?? ScalarType.SINT32]);

/** Service ids as text, which Signal's newest .proto files reserve and its older clients send. */
const OLDER: Readonly<Record<string, readonly string[]>> = {
  ProvisionMessage: ["aci", "pni"],
  ContactRecord: ["aci", "pni"],
};

describe("field numbers", () => {
  test("every message is there", () => {
    expect(messages.length).toBeGreaterThan(70);
  });

  test.each(messages.map((message) => [nameOf(message), message] as const))(
    "those of %s are Signal's",
    (name, message) => {
      const theirs = types.get(name) ?? [];
      const fields = message.fields.filter((field) => OLDER[name]?.includes(field.name) !== true);
      expect(fields.map((field) => [field.number, typeOf(field)])).toEqual(
        fields.map((field) => [field.number, theirs[field.number - 1]]),
      );
      const code = names.get(name) ?? "";
      const misnamed = fields.filter(({ number, name: field }) => {
        const assigned = new RegExp(`case ${number}:[^]{0,200}?\\b${field}\\b`);
        return !assigned.test(code);
      });
      expect(misnamed.map((field) => field.name)).toEqual([]);
    },
  );
});
