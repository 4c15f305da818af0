/** The page's words where an account is a device of one that its person uses in the network's own app too. */
export const deviceEn = {
  on: "On since {date}, as a device of {id}.",
  connecting: "Connecting, as a device of {id}.",
  done: "This bridge is a device of your account {id} now.",
  refused: "Not connected since {date}.",
  removed:
    "This bridge is removed from the linked devices of {id}, and its keys here are deleted. Your {network} account stays as it is.",
  queued:
    "Messages that wait to be sent are not sent. What contacts write to you is in {network} on your phone, as before.",
  again: "You can turn {network} on again at any time; the chats come into new rooms then.",
} as const;
