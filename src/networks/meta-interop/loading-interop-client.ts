import type { NewGroup } from "../../core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile } from "../../core/model/media.ts";
import type { ChatInfo, Reported, SafetyNumber } from "../../core/ports/network.ts";
import { LoadingClient } from "../loading-client.ts";
import type { InteropClient } from "./client.ts";

/** Stands for a login's client while its keys are read from the store. */
export class LoadingInteropClient extends LoadingClient<InteropClient> {
  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    return (await this.client).chatInfo(chat);
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    return (await this.client).createGroup(group);
  }

  markDelivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    this.loaded?.markDelivered(chat, sender, ids);
  }

  markRead(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    this.loaded?.markRead(chat, sender, ids, how);
  }

  setTyping(chat: ChatId, active: boolean, voice: boolean): void {
    this.loaded?.setTyping(chat, active, voice);
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

  async report(person: PersonId, messages: readonly Reported[]): Promise<void> {
    await (await this.client).report(person, messages);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    return (await this.client).safetyNumber(person);
  }

  /** Called for the gatekeeper's push. */
  wake(): void {
    this.loaded?.wake();
  }
}
