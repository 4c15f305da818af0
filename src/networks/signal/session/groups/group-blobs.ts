import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { GroupCipher } from "../../groups/group-cipher.ts";
import { GroupAttributeBlobSchema } from "../../wire/gen/groups_pb.js";

type BlobContent = NonNullable<MessageInitShape<typeof GroupAttributeBlobSchema>["content"]>;

/** What a group is called, and the like, as its members alone read it. */
export const sealedBlob = (cipher: GroupCipher, content: BlobContent): Uint8Array<ArrayBuffer> =>
  cipher.sealBlob(toBinary(GroupAttributeBlobSchema, create(GroupAttributeBlobSchema, { content })));
