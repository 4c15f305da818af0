/** The page's words for groups. */
export const groupsEn = {
  title: "Groups",
  none: "You are in no group yet. Take “New group”, or have somebody add you on the network.",
  members: { one: "{n} member", other: "{n} members" },
  open: "Open",
  leave: "Leave…",
  leaveTitle: "Leave {name}",
  leaveSays:
    "The members see that you left, and you come back only where one of them adds you. Its room stays here to be read, and nothing can be written in it any more.",
  leaveYes: "Leave the group",
  left: "You leave {name} as soon as the network knows.",
  newGroup: "New group",
  name: "What is it called?",
  whom: "Whom to add?",
  others: "Others, with commas between",
  othersHint: "You type {addressing}.",
  make: "Make the group",
  made: "{name} is there.",
  invitations: "Invitations to groups",
  invitationsHint:
    "You are in a group once you accept. Nobody there sees before that what you read or write.",
  accepted: "Accepted: you are in {name} as soon as the network knows.",
  declined: "Declined: {name}. If you are invited again, you are asked again.",
} as const;
