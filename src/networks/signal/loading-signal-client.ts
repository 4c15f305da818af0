import type { NewGroup } from "../../core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile } from "../../core/model/media.ts";
import type { ChatInfo, SafetyNumber } from "../../core/ports/network.ts";
import { LoadingClient } from "../loading-client.ts";
import type { SignalClient } from "./client.ts";

/** All that the client can do, so that nothing of it is left out here. */
type Abilities = { readonly [Key in keyof SignalClient]: SignalClient[Key] };

/** Stands for a login's client while its keys are read from the store. */
export class LoadingSignalClient extends LoadingClient<SignalClient> implements Abilities {
  markDelivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    this.loaded?.markDelivered(chat, sender, ids);
  }

  markRead(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    this.loaded?.markRead(chat, sender, ids, how);
  }

  setTyping(chat: ChatId, active: boolean): void {
    this.loaded?.setTyping(chat, active);
  }

  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    return (await this.client).chatInfo(chat);
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    return (await this.client).createGroup(group);
  }

  async openMedia(ref: string): Promise<MediaFile> {
    return (await this.client).openMedia(ref);
  }

  async avatarOf(person: PersonId): Promise<string | undefined> {
    return (await this.client).avatarOf(person);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await (await this.client).setBlocked(person, blocked);
  }

  async answerRequest(chat: ChatId, accepted: boolean): Promise<void> {
    await (await this.client).answerRequest(chat, accepted);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    return (await this.client).safetyNumber(person);
  }
}
