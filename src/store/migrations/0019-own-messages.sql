-- Who shows what our person wrote on another device: nobody else can change that event.
ALTER TABLE message ADD COLUMN shown_by TEXT;
