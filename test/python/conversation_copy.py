"""What a device holds of one conversation: its state by revision, its messages by seq."""


class ConversationCopy:
    def __init__(self, conversation):
        self.conversation = conversation
        self.messages = {}
        # Messages are held from first on, without a gap up to held. None: they were not asked for, or let go of.
        self.first = None
        self.held = 0
        # The newest that is known to exist.
        self.last_seq = conversation["lastSeq"]

    @property
    def revision(self):
        return self.conversation["revision"]

    def lacks(self):
        return self.first is not None and self.held < self.last_seq

    def ordered(self):
        return [self.messages[seq] for seq in sorted(self.messages)]

    def begin(self, first):
        """From here on it is held; what came meanwhile stays."""
        self.first, self.held = first, first - 1
        self._advance()

    def let_go(self, last_seq):
        self.messages, self.first, self.last_seq = {}, None, last_seq

    def answered(self, conversation):
        """At the same revision an answer is the truth: the copy was made from events."""
        if conversation["revision"] >= self.revision:
            self.conversation = conversation
        self.last_seq = max(self.last_seq, conversation["lastSeq"])

    def take(self, messages):
        for message in messages:
            before = self.messages.setdefault(message["seq"], message)
            if before["messageId"] != message["messageId"]:
                raise AssertionError(f"two messages have the seq {message['seq']}")
            self.last_seq = max(self.last_seq, message["seq"])
        self._advance()

    def apply(self, event, me):
        """An event that follows the copy's revision."""
        if event["type"] == "message.created":
            message = event["message"]
            if self._side(message["senderId"]) != self._side(me):
                self.conversation["unread"] += 1
            self.conversation.update(lastSeq=message["seq"], lastMessage=message)
        elif event["type"] == "receipt.changed":
            self._apply_receipt(event)
            if self._side(event["user"]["userId"]) == self._side(me):
                self.conversation["unread"] = event["unread"]
        else:
            self.conversation.update(event["conversation"])
        self.conversation["revision"] = revision_of(event)

    def _side(self, user_id):
        kinds = {member["user"]["userId"]: member["user"]["kind"] for member in self.conversation["members"]}
        # The visitor is a member from the start.
        return "desk" if kinds.get(user_id, "agent") == "agent" else "visitor"

    def _apply_receipt(self, event):
        positions = {"deliveredSeq": event["deliveredSeq"], "readSeq": event["readSeq"]}
        for member in self.conversation["members"]:
            if member["user"]["userId"] == event["user"]["userId"]:
                member.update(positions)
                return
        self.conversation["members"].append({"user": event["user"], **positions})

    def _advance(self):
        while self.first is not None and self.held + 1 in self.messages:
            self.held += 1


def revision_of(event):
    return event["revision"] if "revision" in event else event["conversation"]["revision"]


def conversation_of(event):
    for part in ("message", "conversation"):
        if part in event:
            return event[part]["conversationId"]
    return event["conversationId"]
