"""A person's matrix-nio with encryption. Arguments: homeserver, user id, password, folder for its keys.

Reads a command a line, and prints what happens, a line each.
"""

import asyncio
import json
import sys

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomMessageText


def show(**line):
    print(json.dumps(line), flush=True)


async def main(homeserver, user, password, folder):
    config = AsyncClientConfig(encryption_enabled=True)
    client = AsyncClient(homeserver, user, store_path=folder, config=config)
    await client.login(password)

    async def text(room, event):
        show(kind="event", room=room.room_id, id=event.event_id, sender=event.sender, body=event.body,
             encrypted=event.decrypted)

    async def closed(room, event):
        show(kind="event", room=room.room_id, id=event.event_id, sender=event.sender, body=None, encrypted=True)

    client.add_event_callback(text, RoomMessageText)
    client.add_event_callback(closed, MegolmEvent)
    await client.sync(timeout=0, full_state=True)
    # Published before anybody writes to it.
    if client.should_upload_keys:
        await client.keys_upload()
    show(kind="ready")
    syncing = asyncio.create_task(client.sync_forever(timeout=30_000))
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        asked = json.loads(line)
        content = {"msgtype": "m.text", "body": asked["body"]}
        sent = await client.room_send(asked["room"], "m.room.message", content, ignore_unverified_devices=True)
        show(kind="sent", to=asked["id"], event=getattr(sent, "event_id", None), why=str(sent))
    syncing.cancel()
    await client.close()


asyncio.run(main(*sys.argv[1:]))
