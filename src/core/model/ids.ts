/** Identifiers are branded strings: a chat id can never be passed where a room id is expected. */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** Made by the homeserver, and opaque: a room id of room version 12 carries no server name. */
export type RoomId = Id<"RoomId">;
export type EventId = Id<"EventId">;
/** `@localpart:server`, a person's, the bot's or a ghost's. */
export type UserId = Id<"UserId">;

/** Made by a connector. Everyone else stores and compares them, and never parses them. */
export type ChatId = Id<"ChatId">;
export type PersonId = Id<"PersonId">;
export type MessageId = Id<"MessageId">;

/** Short lower-case name of a network, as people type it. */
export type NetworkId = Id<"NetworkId">;
/** One Matrix user's account on one network; random, made when it is created. */
export type LoginId = Id<"LoginId">;
/** Random id of an outbox row: the transaction id towards Matrix, the source of message ids towards a network. */
export type OutboxId = Id<"OutboxId">;
