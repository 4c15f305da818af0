-- Only a report asks for a contact's newest messages; every message paid for the answer with a page of its own.
DROP INDEX message_by_time;
