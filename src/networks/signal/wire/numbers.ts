/** The names of a protobuf enum's values that are known here, with their numbers. */
interface Numbered<Name extends string> {
  readonly numberOf: Readonly<Record<Name, number>>;
  nameOf(number: number): Name | undefined;
}

function numbered<Name extends string>(numberOf: Readonly<Record<Name, number>>): Numbered<Name> {
  const names = new Map((Object.keys(numberOf) as Name[]).map((name) => [numberOf[name], name]));
  return { numberOf, nameOf: (number) => names.get(number) };
}

export const ENVELOPE = numbered({ ratchet: 1, prekey: 3, receipt: 5, sealed: 6, plaintext: 8 });
export const RECEIPT = numbered({ delivery: 0, read: 1, viewed: 2 });
export const TYPING = { started: 0, stopped: 1 } as const;
export const VIDEO_CALL = 1;

export const STYLE = numbered({ bold: 1, italic: 2, spoiler: 3, strikethrough: 4, monospace: 5 });
export const CONTACT_VALUE = numbered({ home: 1, mobile: 2, work: 3, custom: 4 });
export const CONTACT_ADDRESS = numbered({ home: 1, work: 2, custom: 3 });

export const REQUEST = numbered({ contacts: 1, blocked: 3, configuration: 4, keys: 5 });
export const FETCH = numbered({ profile: 1, storage: 2 });
export const VERIFIED = numbered({ default: 0, verified: 1, unverified: 2 });
export const ANSWER = numbered({
  accept: 1,
  delete: 2,
  block: 3,
  blockAndDelete: 4,
  spam: 5,
  blockAndSpam: 6,
});

export const CALL = numbered({ accepted: 1, notAccepted: 2 });
/** Of a call with one person. */
export const CALL_TYPE = numbered({ audio: 1, video: 2 });
export const OUTGOING_CALL = 2;

/** Bits of an attachment's flags. */
export const ATTACHMENT_FLAG = { voice: 1, borderless: 2, gif: 8 } as const;
/** Bits of a data message's flags. */
export const DATA_FLAG = { endSession: 1, timer: 2, profileKey: 4 } as const;
/** Versions of the protocol, one of which a data message may need. */
export const PROTOCOL = { reactions: 4, mentions: 6, newest: 8 } as const;
