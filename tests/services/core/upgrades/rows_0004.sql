-- Resource links: an id that comes from two courses, two items that one LMS names with one link,
-- and a role that belongs to a person. (On the way back a link keeps its choice, else its latest note.)

INSERT INTO media_link_note (resource_link_id, media_id, opened_at) VALUES
  ('link-2', 'media-film', '2026-01-19 09:20:00.000000');

INSERT INTO resource_link
  (id, institution_id, registration_id, deployment_id, course_id, link_id, title) VALUES
  ('link-3', 'inst-elm', 'reg-elm', 'dep-elm-2', 'course-2', 'link-b', 'Elsewhere');

INSERT INTO media_grant (id, media_id, person_id, role, source, created_at, ended_at) VALUES
  ('grant-4', 'media-film', 'person-student', 'viewer', 'invitation:inv-guest/2',
   '2026-03-01 09:01:00.000000', NULL);
