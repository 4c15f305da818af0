-- Our own people stand just above others of their role: the rooms that show a group's powers do so anew.
UPDATE portal SET powers = 'as before' WHERE powers <> '';
