-- The journal of a push in the order in which it came to its states. Two workers write it: one what it handed over, one
-- what the vault has told. Each row takes its place behind what is committed: whoever writes holds the push, and
-- is dated once it holds it. That it was handed over is no news any more once the vault itself has told of it.
CREATE FUNCTION records.place_push_state() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told bigint;
BEGIN
  SELECT s.vault_sequence INTO told FROM records.push_standing AS s
    WHERE s.push_request_id = NEW.push_request_id FOR UPDATE;
  IF NEW.state = 'HANDED_OVER' AND told IS NOT NULL THEN
    RETURN NULL;
  END IF;
  NEW.recorded_at := pg_catalog.clock_timestamp();
  RETURN NEW;
END $$;
COMMENT ON FUNCTION records.place_push_state() IS
  'Puts a state of a push behind those that are there, and leaves a hand-over out once the vault has told more.';
REVOKE ALL ON FUNCTION records.place_push_state() FROM PUBLIC;
CREATE TRIGGER place BEFORE INSERT ON records.push_state
  FOR EACH ROW EXECUTE FUNCTION records.place_push_state();
ALTER TABLE records.push_state ENABLE ALWAYS TRIGGER place;
