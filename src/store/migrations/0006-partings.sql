-- What goes with a login had stayed in places that named it otherwise.
DELETE FROM record WHERE scope = 'excluded' AND substr(name, 1, instr(name, ' ') - 1) NOT IN (SELECT id FROM login);
UPDATE record SET scope = 'login/' || substr(name, 1, instr(name, ' ') - 1) || '/excluded',
  name = substr(name, instr(name, ' ') + 1) WHERE scope = 'excluded';
UPDATE hs_outbox SET link_login = NULL, link_chat = NULL, link_id = NULL, link_part = NULL, link_sender = NULL,
  link_at = NULL, target_login = NULL, target_chat = NULL, target_id = NULL, target_part = NULL
  WHERE ended_at IS NOT NULL AND (link_id IS NOT NULL OR target_id IS NOT NULL);
DELETE FROM ghost WHERE NOT EXISTS
  (SELECT 1 FROM portal WHERE portal.network = ghost.network AND portal.person = ghost.person);
