-- What revision 0002 can hold besides the rows of 0001: rows for its new tables, and values for its
-- new columns. LMSs in each of the states that a later revision has to tell apart are at the end.

INSERT INTO registration_code
  (code_hash, institution, created_at, expires_at, used_at, registration_id) VALUES
  ('code-1', 'Elm College', '2026-02-10 08:00:00.000000', '2026-02-17 08:00:00.000000',
   '2026-02-11 08:00:00.000000', 'reg-elm'),
  ('code-2', 'Yew Academy', '2026-02-10 08:00:00.000000', '2026-02-17 08:00:00.000000', NULL, NULL);

INSERT INTO deep_linking_request
  (id, registration_id, deployment_id, return_url, accept_types, accept_targets, accept_multiple,
   accept_lineitem, data, placement, created_at, answered_at) VALUES
  ('dialog-1', 'reg-elm', 'dep-elm-1', 'gAAAAABsealed-address', '["ltiResourceLink", "link"]',
   '["iframe", "window"]', true, false, 'gAAAAABsealed-data', 'editor_button',
   '2026-03-01 09:00:00.000000', '2026-03-01 09:02:00.000000'),
  ('dialog-2', 'reg-elm', 'dep-elm-2', NULL, '[]', '[]', false, true, NULL, NULL,
   '2026-03-01 10:00:00.000000', NULL);

INSERT INTO roster
  (course_id, source, read_at, failure, due_at, claimed_by, claimed_until, people, without_address)
  VALUES
  ('course-1', 'lms', '2026-03-01 09:00:10.000000', NULL, '2026-03-01 10:00:10.000000', 'process-1',
   '2026-03-01 10:05:00.000000', 2, 1),
  ('course-2', NULL, NULL, 'refused', '2026-03-01 09:30:00.000000', NULL, NULL, 0, 0);

INSERT INTO roster_member (id, course_id, sub, email, given_name, family_name, name) VALUES
  ('member-1', 'course-1', 'sub-teacher', 'rosa@elm.example', 'Rosa', 'Almeida', 'Rosa Almeida'),
  ('member-2', 'course-1', 'sub-student', '', 'Wei', 'Li', 'Li Wei');

INSERT INTO roster_text (course_id, text, member_id) VALUES
  ('course-1', 'rosa almeida', 'member-1'),
  ('course-1', 'almeida rosa', 'member-1'),
  ('course-1', 'wei li', 'member-2');

INSERT INTO person
  (id, kind, institution_id, registration_id, sub, email, name, given_name, family_name, seen_at) VALUES
  ('person-visitor', 'visitor', 'inst-elm', 'reg-elm', NULL, NULL, '', '', '',
   '2026-03-01 09:00:00.000000');

INSERT INTO tool_session
  (id, handle, secret_hash, kind, institution_id, deployment_id, through_deployment_id, person_id,
   course_id, resource_link_id, standing, scope, stands_on, frame_origins, locale, created_at,
   expires_at, keep_until, idle_seconds, seen_at, ended_at, guise, acting_for, deep_linking_id,
   return_url) VALUES
  ('session-dialog', 'handle-dialog', 'secret-3', 'launch', 'inst-elm', 'dep-elm-1', NULL,
   'person-teacher', 'course-1', NULL, 'instructor', NULL, NULL, '["https://canvas.elm.example"]',
   'en', '2026-03-01 09:00:00.000000', '2026-03-01 21:00:00.000000', NULL, NULL,
   '2026-03-01 09:02:00.000000', NULL, 'acting_as', 'Ada Admin', 'dialog-1', 'gAAAAABsealed-way-back'),
  ('session-visitor', 'handle-visitor', 'secret-4', 'launch', 'inst-elm', 'dep-elm-1', NULL,
   'person-visitor', 'course-1', 'link-1', 'visitor', NULL, NULL, '[]', NULL,
   '2026-03-01 09:00:00.000000', '2026-03-01 21:00:00.000000', NULL, NULL,
   '2026-03-01 09:00:00.125000', NULL, 'visitor', NULL, NULL, NULL);

INSERT INTO session_ticket (ticket_hash, session_id, expires_at, used_at, purpose) VALUES
  ('ticket-3', 'session-visitor', '2026-03-01 09:01:00.000000', NULL, 'page');

INSERT INTO media_grant (id, media_id, session_id, role, source, created_at, ended_at) VALUES
  ('grant-3', 'media-film', 'session-dialog', 'speaker', 'invitation:inv-guest/2',
   '2026-03-01 09:01:00.000000', NULL);

UPDATE login_state SET storage_frame = 'platformStorage' WHERE state_hash = 'state-1';
UPDATE course SET memberships_url = 'https://canvas.elm.example/names' WHERE id = 'course-1';
UPDATE resource_link SET shows_gallery = true WHERE id = 'link-2';
UPDATE deployment SET waiting = true WHERE id = 'dep-elm-2';
UPDATE invitation SET search = '
jose nunez
nunez jose
jose@guests.example', created_acting_for = 'Ada Admin' WHERE id = 'inv-guest';

INSERT INTO institution (id, name, created_at) VALUES
  ('inst-ash', 'Ash', '2026-02-20 08:00:00.000000'),
  ('inst-bay', 'Bay', '2026-02-20 08:00:00.000000'),
  ('inst-fir', 'Fir', '2026-02-20 08:00:00.000000'),
  ('inst-fig', 'Fig', '2026-02-20 08:00:00.000000'),
  ('inst-ivy', 'Ivy', '2026-02-20 08:00:00.000000'),
  ('inst-oat', 'Oat', '2026-02-20 08:00:00.000000'),
  ('inst-yew', 'Yew', '2026-02-20 08:00:00.000000');

INSERT INTO registration
  (id, institution_id, name, family, issuer, login_issuer, client_id, auth_url, token_url, jwks_url,
   auth_audience, accept_new_deployments, frame_origins, enabled, awaiting_approval, created_at)
  SELECT 'reg-' || substr(id, 6), id, substr(id, 6), 'other', 'https://' || substr(id, 6) || '.example',
   'https://' || substr(id, 6) || '.example', 'client-' || substr(id, 6), 'https://lms.example/auth',
   'https://lms.example/token', 'https://lms.example/jwks', 'https://lms.example/audience', true, '[]',
   id <> 'inst-yew', id = 'inst-yew', '2026-02-20 08:00:00.000000'
  FROM institution WHERE id NOT IN ('inst-elm', 'inst-oak');

INSERT INTO deployment (id, registration_id, deployment_id, enabled, waiting, created_at) VALUES
  ('dep-oak-off', 'reg-oak', '8', false, false, '2026-02-20 08:00:00.000000');

-- ash announced itself and was approved; bay too, and then an operator wrote its audience; fir was
-- added by an operator and renewed with a code, and so was fig, but its audience stayed; oat came with
-- a code at once; ivy is told of nowhere; yew announced itself and waits.
INSERT INTO audit_record
  (id, at, action, institution_id, registration_id, actor_kind, actor_id, session_id, subject_type,
   subject_id, request_id, details) VALUES
  ('audit-03', '2026-02-20 08:00:00.000000', 'platform.announced', 'inst-ash', NULL, 'system', NULL,
   NULL, 'registration', 'reg-ash', NULL, '{"name": "ash"}'),
  ('audit-04', '2026-02-20 09:00:00.000000', 'platform.approved', 'inst-ash', NULL, 'operator', NULL,
   NULL, 'registration', 'reg-ash', NULL, '{}'),
  ('audit-06', '2026-02-21 08:00:00.000000', 'platform.changed', 'inst-bay', NULL, 'operator', NULL,
   NULL, 'registration', 'reg-bay', NULL, '{"changed": ["auth_audience", "frame_origins"]}'),
  ('audit-05', '2026-02-20 08:00:00.000000', 'platform.announced', 'inst-bay', NULL, 'system', NULL,
   NULL, 'registration', 'reg-bay', NULL, '{"name": "bay"}'),
  ('audit-07', '2026-02-20 08:00:00.000000', 'platform.added', 'inst-fir', NULL, 'operator', NULL, NULL,
   'registration', 'reg-fir', NULL, '{"name": "fir"}'),
  ('audit-08', '2026-02-22 08:00:00.000000', 'platform.changed', 'inst-fir', NULL, 'system', NULL, NULL,
   'registration', 'reg-fir', NULL, '{"changed": ["auth_audience", "client_id", "token_url"]}'),
  ('audit-09', '2026-02-20 08:00:00.000000', 'platform.added', 'inst-fig', NULL, 'operator', NULL, NULL,
   'registration', 'reg-fig', NULL, '{"name": "fig"}'),
  ('audit-10', '2026-02-22 08:00:00.000000', 'platform.changed', 'inst-fig', NULL, 'system', NULL, NULL,
   'registration', 'reg-fig', NULL, '{"changed": ["client_id"]}'),
  ('audit-12', '2026-02-20 08:00:00.000000', 'platform.added', 'inst-oat', NULL, 'system', NULL, NULL,
   'registration', 'reg-oat', NULL, '{"name": "oat"}'),
  ('audit-11', '2026-02-20 08:00:00.000000', 'platform.announced', 'inst-yew', NULL, 'system', NULL,
   NULL, 'registration', 'reg-yew', NULL, '{"name": "yew"}');
