-- Rows for every table of revision 0001, as the program of that time wrote them, in words that SQLite
-- and PostgreSQL both read. Each foreign key leads somewhere in at least one row.

INSERT INTO institution (id, name, created_at) VALUES
  ('inst-elm', 'Elm College', '2026-01-10 08:00:00.000000'),
  ('inst-oak', 'Oak School', '2026-01-11 08:00:00.250000');

INSERT INTO institution_setting (institution_id, name, value, changed_at) VALUES
  ('inst-elm', 'link_duration_minutes', '43200', '2026-01-12 09:00:00.000000'),
  ('inst-elm', 'colour', '"#35605a"', '2026-01-12 09:00:01.000000');

INSERT INTO registration
  (id, institution_id, name, family, issuer, login_issuer, client_id, auth_url, token_url, jwks_url,
   auth_audience, accept_new_deployments, frame_origins, enabled, created_at) VALUES
  ('reg-elm', 'inst-elm', 'elm', 'canvas', 'https://canvas.elm.example', 'https://canvas.elm.example',
   'client-elm', 'https://canvas.elm.example/auth', 'https://canvas.elm.example/token',
   'https://canvas.elm.example/jwks', 'https://canvas.elm.example/login/oauth2/token', true,
   '["https://*.elm.example"]', true, '2026-01-10 08:00:00.000000'),
  ('reg-oak', 'inst-oak', 'oak', 'moodle', 'https://moodle.oak.example', 'https://moodle.oak.example',
   'client-oak', 'https://moodle.oak.example/auth', 'https://moodle.oak.example/token',
   'https://moodle.oak.example/jwks', NULL, false, '[]', false, '2026-01-11 08:00:00.250000');

INSERT INTO deployment (id, registration_id, deployment_id, enabled, created_at) VALUES
  ('dep-elm-1', 'reg-elm', '1:elm', true, '2026-01-10 08:00:00.000000'),
  ('dep-elm-2', 'reg-elm', '2:elm', false, '2026-01-13 08:00:00.000000'),
  ('dep-oak', 'reg-oak', '7', true, '2026-01-11 08:00:00.250000');

INSERT INTO login_state
  (state_hash, nonce_hash, registration_id, browser_hash, target_link_uri, deployment_hint,
   expires_at, consumed_at) VALUES
  ('state-1', 'nonce-1', 'reg-elm', 'browser-1', 'https://foyer.example/lti/launch', '1:elm',
   '2026-02-01 10:10:00.000000', '2026-02-01 10:00:03.500000'),
  ('state-2', 'nonce-2', 'reg-oak', 'browser-2', 'https://foyer.example/lti/launch', NULL,
   '2026-02-01 10:20:00.000000', NULL);

INSERT INTO person
  (id, kind, institution_id, registration_id, sub, email, name, given_name, family_name, seen_at) VALUES
  ('person-teacher', 'lms', 'inst-elm', 'reg-elm', 'sub-teacher', 'rosa@elm.example', 'Rosa Almeida',
   'Rosa', 'Almeida', '2026-02-01 10:00:04.000000'),
  ('person-student', 'lms', 'inst-elm', 'reg-elm', 'sub-student', NULL, 'Li Wei', 'Wei', 'Li',
   '2026-02-01 10:05:00.000000'),
  ('person-guest', 'guest', 'inst-elm', NULL, NULL, 'jose@guests.example', 'José Núñez', 'José',
   'Núñez', '2026-02-02 11:00:00.000000');

INSERT INTO course (id, institution_id, registration_id, deployment_id, context_id, title) VALUES
  ('course-1', 'inst-elm', 'reg-elm', 'dep-elm-1', 'context-1', 'Botany ''26'),
  ('course-2', 'inst-elm', 'reg-elm', 'dep-elm-2', 'context-2', '');

INSERT INTO membership (person_id, course_id, standing, seen_at) VALUES
  ('person-teacher', 'course-1', 'instructor', '2026-02-01 10:00:04.000000'),
  ('person-student', 'course-1', 'learner', '2026-02-01 10:05:00.000000'),
  ('person-teacher', 'course-2', 'assistant', '2026-02-01 10:06:00.000000');

INSERT INTO resource_link
  (id, institution_id, registration_id, deployment_id, course_id, link_id, title) VALUES
  ('link-1', 'inst-elm', 'reg-elm', 'dep-elm-1', 'course-1', 'link-a', 'A film of leaves'),
  ('link-2', 'inst-elm', 'reg-elm', 'dep-elm-2', NULL, 'link-b', '');

INSERT INTO media_item
  (id, institution_id, registration_id, owner_person_id, owner_name, kind, title, description, tags,
   created_at, deleted_at, deleted_by, purged_at, duration_ms, width, height, pages,
   download_allowed, open_to_links, plays) VALUES
  ('media-film', 'inst-elm', 'reg-elm', 'person-teacher', 'Rosa Almeida', 'video', 'Leaves',
   'Two lines
of words: ñ, 树叶', '["botany", "spring"]', '2026-01-20 08:00:00.000000', NULL, NULL, NULL, 61000,
   1280, 720, NULL, true, false, 9007199254740993),
  ('media-guide', 'inst-elm', 'reg-elm', 'person-teacher', 'Rosa Almeida', 'document', 'Guide', '',
   '[]', '2026-01-21 08:00:00.000000', '2026-01-25 08:00:00.000000', 'person-teacher', NULL, NULL,
   NULL, NULL, 12, false, true, 0),
  ('media-gone', 'inst-elm', 'reg-elm', NULL, '', 'audio', '', '', '[]',
   '2025-11-01 08:00:00.000000', '2025-11-02 08:00:00.000000', 'person-student',
   '2025-12-03 03:30:00.000000', NULL, NULL, NULL, NULL, false, false, 3);

INSERT INTO media_file
  (id, media_id, role, storage_key, content_type, size, language, label, width, height, created_at)
  VALUES
  ('file-film', 'media-film', 'original', 'key-film', 'video/mp4', 5368709120, NULL, NULL, 1280, 720,
   '2026-01-20 08:00:00.000000'),
  ('file-poster', 'media-film', 'poster', 'key-poster', 'image/jpeg', 40000, NULL, NULL, 640, 360,
   '2026-01-20 08:00:01.000000'),
  ('file-captions', 'media-film', 'captions', 'key-captions', 'text/vtt', 900, 'pt-BR', 'Português',
   NULL, NULL, '2026-01-20 08:00:02.000000'),
  ('file-guide', 'media-guide', 'original', 'key-guide', 'application/pdf', 70000, NULL, NULL, NULL,
   NULL, '2026-01-21 08:00:00.000000');

INSERT INTO media_publication (media_id, course_id, published_at, published_by) VALUES
  ('media-film', 'course-1', '2026-01-20 09:00:00.000000', 'person-teacher'),
  ('media-film', 'course-2', '2026-01-20 09:00:01.000000', NULL);

INSERT INTO media_relation (media_id, person_id, kind, created_at) VALUES
  ('media-film', 'person-student', 'co_viewer', '2026-01-20 09:10:00.000000'),
  ('media-guide', 'person-student', 'co_editor', '2026-01-21 09:10:00.000000');

INSERT INTO media_upload
  (id, institution_id, registration_id, person_id, course_id, filename, size, received, state,
   created_at, expires_at, claimed_at, media_id) VALUES
  ('upload-1', 'inst-elm', 'reg-elm', 'person-teacher', 'course-1', 'leaves.mp4', 5368709120,
   5368709120, 'done', '2026-01-20 07:00:00.000000', '2026-01-21 07:00:00.000000',
   '2026-01-20 07:59:00.000000', 'media-film'),
  ('upload-2', 'inst-elm', 'reg-elm', 'person-teacher', 'course-1', 'roots.mp4', 1000, 10,
   'receiving', '2026-02-01 07:00:00.000000', '2026-02-02 07:00:00.000000', NULL, NULL);

INSERT INTO media_link_binding (resource_link_id, media_id, chosen_here, bound_at, bound_by) VALUES
  ('link-1', 'media-film', true, '2026-01-20 09:20:00.000000', 'person-teacher'),
  ('link-2', 'media-guide', false, '2026-01-21 09:20:00.000000', NULL);

INSERT INTO tool_session
  (id, handle, secret_hash, kind, institution_id, deployment_id, through_deployment_id, person_id,
   course_id, resource_link_id, standing, scope, stands_on, frame_origins, locale, created_at,
   expires_at, keep_until, idle_seconds, seen_at, ended_at) VALUES
  ('session-teacher', 'handle-teacher', 'secret-1', 'launch', 'inst-elm', 'dep-elm-1', NULL,
   'person-teacher', 'course-1', 'link-1', 'instructor', NULL, NULL, '["https://canvas.elm.example"]',
   'pt-BR', '2026-02-01 10:00:04.000000', '2026-02-01 22:00:04.000000', NULL, NULL,
   '2026-02-01 10:30:00.000000', NULL),
  ('session-guest', 'handle-guest', 'secret-2', 'guest', 'inst-elm', NULL, 'dep-elm-2',
   'person-guest', NULL, 'link-2', 'none', 'media:media-film', 'invitation:inv-guest/2', '[]', NULL,
   '2026-02-02 11:00:00.000000', '2026-02-02 23:00:00.000000', '2026-03-02 11:00:00.000000', 3600,
   '2026-02-02 11:45:00.000000', '2026-02-02 12:00:00.000000');

INSERT INTO session_ticket (ticket_hash, session_id, expires_at, used_at) VALUES
  ('ticket-1', 'session-teacher', '2026-02-01 10:01:04.000000', '2026-02-01 10:00:20.000000'),
  ('ticket-2', 'session-teacher', '2026-02-01 10:31:00.000000', NULL);

INSERT INTO media_grant (id, media_id, session_id, role, source, created_at, ended_at) VALUES
  ('grant-1', 'media-film', 'session-guest', 'viewer', 'invitation:inv-guest/2',
   '2026-02-02 11:00:00.000000', NULL),
  ('grant-2', 'media-guide', 'session-guest', 'moderator', 'invitation:inv-old/1',
   '2026-02-02 11:01:00.000000', '2026-02-02 12:00:00.000000');

INSERT INTO media_viewing (id, media_id, session_id, opened_at, last_at, played_at) VALUES
  ('viewing-1', 'media-film', 'session-guest', '2026-02-02 11:02:00.000000',
   '2026-02-02 11:40:00.000000', '2026-02-02 11:02:09.000000'),
  ('viewing-2', 'media-film', NULL, '2025-12-02 11:02:00.000000', '2025-12-02 11:40:00.000000', NULL);

INSERT INTO invitation
  (id, institution_id, deployment_id, media_id, email, email_shown, first_name, last_name, type,
   generation, key_id, token_hash, uses_allowed, uses_made, generated_at, expires_at, device_kind,
   device_hash, created_at, created_by, created_by_name, revoked_at, revoked_by, new_link_asked_at)
  VALUES
  ('inv-guest', 'inst-elm', 'dep-elm-1', 'media-film', 'jose@guests.example', 'Jose@Guests.example',
   'José', 'Núñez', 'viewer', 2, 'key-1', 'token-1', -1, 1, '2026-02-01 12:00:00.000000',
   '2026-03-03 12:00:00.000000', 'key', 'device-1', '2026-01-28 12:00:00.000000', 'person-teacher',
   'Rosa Almeida', NULL, NULL, '2026-02-01 11:00:00.000000'),
  ('inv-old', 'inst-elm', NULL, 'media-guide', 'a.o''brien+leaves@guests.example',
   'a.o''brien+leaves@guests.example', 'Ærøskøbing  Anne-Marie', 'O’Brien', 'moderator', 1, 'key-1',
   'token-2', 3, 0, '2026-01-28 12:00:00.000000', '2026-02-27 12:00:00.000000', NULL, NULL,
   '2026-01-28 12:00:00.000000', NULL, '', '2026-01-30 12:00:00.000000', 'person-teacher', NULL);

INSERT INTO invitation_replaced_link (token_hash, invitation_id) VALUES
  ('token-0', 'inv-guest');

INSERT INTO invitation_wrong_address (id, invitation_id, client_hash, ordinal, at) VALUES
  ('wrong-1', 'inv-guest', 'client-1', 1, '2026-02-02 10:58:00.000000'),
  ('wrong-2', 'inv-guest', 'client-1', 2, '2026-02-02 10:59:00.000000');

INSERT INTO invitation_redemption
  (id, invitation_id, generation, person_id, session_id, device_kind, device_hash, at, ended_at) VALUES
  ('redemption-1', 'inv-guest', 2, 'person-guest', 'session-guest', 'key', 'device-1',
   '2026-02-02 11:00:00.000000', NULL),
  ('redemption-2', 'inv-guest', 1, NULL, NULL, 'cookie', 'device-0', '2026-01-29 11:00:00.000000',
   '2026-02-01 12:00:00.000000');

INSERT INTO audit_record
  (id, at, action, institution_id, registration_id, actor_kind, actor_id, session_id, subject_type,
   subject_id, request_id, details) VALUES
  ('audit-01', '2026-01-10 08:00:00.000000', 'platform.added', 'inst-elm', NULL, 'operator', NULL, NULL,
   'registration', 'reg-elm', NULL,
   '{"name": "elm", "issuer": "https://canvas.elm.example", "client_id": "client-elm"}'),
  ('audit-02', '2026-02-02 11:00:00.000000', 'invitation.redeemed', 'inst-elm', 'reg-elm', 'person',
   'person-guest', 'session-guest', 'invitation', 'inv-guest', 'request-1', '{}');
