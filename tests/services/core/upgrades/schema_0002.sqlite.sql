-- The empty tables of revision 0002 on SQLite, as commit ca82168 made them (.schema).

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE audit_record (
	id VARCHAR(26) NOT NULL,
	at DATETIME NOT NULL,
	action VARCHAR(64) NOT NULL,
	institution_id VARCHAR(26),
	registration_id VARCHAR(26),
	actor_kind VARCHAR(16) NOT NULL,
	actor_id VARCHAR(26),
	session_id VARCHAR(26),
	subject_type VARCHAR(32),
	subject_id VARCHAR(64),
	request_id VARCHAR(26),
	details JSON NOT NULL,
	CONSTRAINT pk_audit_record PRIMARY KEY (id)
);
CREATE INDEX ix_audit_record_institution ON audit_record (institution_id, at);
CREATE INDEX ix_audit_record_subject ON audit_record (subject_type, subject_id, at);
CREATE TABLE institution (
	id VARCHAR(26) NOT NULL,
	name VARCHAR(200) NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_institution PRIMARY KEY (id)
);
CREATE TABLE institution_setting (
	institution_id VARCHAR(26) NOT NULL,
	name VARCHAR(64) NOT NULL,
	value JSON NOT NULL,
	changed_at DATETIME NOT NULL,
	CONSTRAINT pk_institution_setting PRIMARY KEY (institution_id, name),
	CONSTRAINT fk_institution_setting_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id) ON DELETE CASCADE
);
CREATE TABLE login_state (
	state_hash VARCHAR(64) NOT NULL,
	nonce_hash VARCHAR(64) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	browser_hash VARCHAR(64) NOT NULL,
	target_link_uri VARCHAR(2048) NOT NULL,
	deployment_hint VARCHAR(255),
	expires_at DATETIME NOT NULL,
	consumed_at DATETIME, storage_frame VARCHAR(255),
	CONSTRAINT pk_login_state PRIMARY KEY (state_hash),
	CONSTRAINT fk_login_state_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id),
	CONSTRAINT uq_login_state_nonce_hash UNIQUE (nonce_hash)
);
CREATE INDEX ix_login_state_registration ON login_state (registration_id, expires_at);
CREATE INDEX ix_login_state_expires ON login_state (expires_at);
CREATE TABLE course (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(26) NOT NULL,
	context_id VARCHAR(255) NOT NULL,
	title VARCHAR(255) NOT NULL, memberships_url VARCHAR(1024),
	CONSTRAINT pk_course PRIMARY KEY (id),
	CONSTRAINT fk_course_deployment_id FOREIGN KEY(deployment_id) REFERENCES deployment (id),
	CONSTRAINT fk_course_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_course_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id),
	CONSTRAINT uq_course_deployment_id_context_id UNIQUE (deployment_id, context_id)
);
CREATE TABLE media_item (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	owner_person_id VARCHAR(26),
	owner_name VARCHAR(255) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	title VARCHAR(200) NOT NULL,
	description TEXT NOT NULL,
	tags JSON NOT NULL,
	created_at DATETIME NOT NULL,
	deleted_at DATETIME,
	deleted_by VARCHAR(26),
	purged_at DATETIME,
	duration_ms BIGINT,
	width INTEGER,
	height INTEGER,
	pages INTEGER,
	download_allowed BOOLEAN NOT NULL,
	open_to_links BOOLEAN NOT NULL,
	plays BIGINT NOT NULL,
	CONSTRAINT pk_media_item PRIMARY KEY (id),
	CONSTRAINT ck_media_item_kind CHECK (kind IN ('video', 'audio', 'document', 'image')),
	CONSTRAINT ck_media_item_duration CHECK (duration_ms IS NULL OR duration_ms >= 0),
	CONSTRAINT ck_media_item_title CHECK (length(title) > 0 OR purged_at IS NOT NULL),
	CONSTRAINT ck_media_item_purged CHECK (purged_at IS NULL OR deleted_at IS NOT NULL),
	CONSTRAINT ck_media_item_pages CHECK (pages IS NULL OR pages > 0),
	CONSTRAINT ck_media_item_plays CHECK (plays >= 0),
	CONSTRAINT fk_media_item_deleted_by FOREIGN KEY(deleted_by) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT fk_media_item_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_media_item_owner_person_id FOREIGN KEY(owner_person_id) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT fk_media_item_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id)
);
CREATE INDEX ix_media_item_deleted ON media_item (deleted_at);
CREATE INDEX ix_media_item_owner ON media_item (owner_person_id, created_at);
CREATE INDEX ix_media_item_registration ON media_item (registration_id, created_at);
CREATE TABLE invitation (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(26),
	media_id VARCHAR(26) NOT NULL,
	email VARCHAR(254) NOT NULL,
	email_shown VARCHAR(254) NOT NULL,
	first_name VARCHAR(100) NOT NULL,
	last_name VARCHAR(100) NOT NULL,
	type VARCHAR(16) NOT NULL,
	generation INTEGER NOT NULL,
	key_id VARCHAR(64) NOT NULL,
	token_hash VARCHAR(64) NOT NULL,
	uses_allowed INTEGER NOT NULL,
	uses_made INTEGER NOT NULL,
	generated_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	device_kind VARCHAR(8),
	device_hash VARCHAR(64),
	created_at DATETIME NOT NULL,
	created_by VARCHAR(26),
	created_by_name VARCHAR(255) NOT NULL,
	revoked_at DATETIME,
	revoked_by VARCHAR(26),
	new_link_asked_at DATETIME, search TEXT DEFAULT '' NOT NULL, created_acting_for VARCHAR(255),
	CONSTRAINT pk_invitation PRIMARY KEY (id),
	CONSTRAINT ck_invitation_device_kind CHECK (device_kind IN ('key', 'cookie')),
	CONSTRAINT ck_invitation_email CHECK (email LIKE '%_@_%'),
	CONSTRAINT ck_invitation_type CHECK (type IN ('viewer', 'moderator', 'speaker')),
	CONSTRAINT ck_invitation_device CHECK ((device_kind IS NULL) = (device_hash IS NULL)),
	CONSTRAINT ck_invitation_end CHECK (expires_at > generated_at),
	CONSTRAINT ck_invitation_generation CHECK (generation >= 1),
	CONSTRAINT ck_invitation_allowed CHECK (uses_allowed = -1 OR uses_allowed >= 1),
	CONSTRAINT ck_invitation_uses CHECK (uses_made >= 0 AND (uses_allowed = -1 OR uses_made <= uses_allowed)),
	CONSTRAINT fk_invitation_created_by FOREIGN KEY(created_by) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT fk_invitation_deployment_id FOREIGN KEY(deployment_id) REFERENCES deployment (id),
	CONSTRAINT fk_invitation_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_invitation_media_id FOREIGN KEY(media_id) REFERENCES media_item (id),
	CONSTRAINT fk_invitation_revoked_by FOREIGN KEY(revoked_by) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_invitation_institution ON invitation (institution_id);
CREATE INDEX ix_invitation_media ON invitation (media_id, created_at);
CREATE UNIQUE INDEX uq_invitation_live ON invitation (media_id, email, type) WHERE revoked_at IS NULL;
CREATE TABLE media_file (
	id VARCHAR(26) NOT NULL,
	media_id VARCHAR(26) NOT NULL,
	role VARCHAR(16) NOT NULL,
	storage_key VARCHAR(64) NOT NULL,
	content_type VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	language VARCHAR(35),
	label VARCHAR(80),
	width INTEGER,
	height INTEGER,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_media_file PRIMARY KEY (id),
	CONSTRAINT ck_media_file_language CHECK (role <> 'captions' OR language IS NOT NULL),
	CONSTRAINT ck_media_file_role CHECK (role IN ('original', 'poster', 'captions')),
	CONSTRAINT ck_media_file_size CHECK (size > 0),
	CONSTRAINT fk_media_file_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT uq_media_file_storage_key UNIQUE (storage_key)
);
CREATE INDEX ix_media_file_media ON media_file (media_id);
CREATE UNIQUE INDEX uq_media_file_single ON media_file (media_id, role) WHERE role IN ('original', 'poster');
CREATE TABLE media_publication (
	media_id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26) NOT NULL,
	published_at DATETIME NOT NULL,
	published_by VARCHAR(26),
	CONSTRAINT pk_media_publication PRIMARY KEY (media_id, course_id),
	CONSTRAINT fk_media_publication_course_id FOREIGN KEY(course_id) REFERENCES course (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_publication_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_publication_published_by FOREIGN KEY(published_by) REFERENCES person (id) ON DELETE SET NULL
);
CREATE INDEX ix_media_publication_course ON media_publication (course_id, published_at);
CREATE TABLE media_relation (
	media_id VARCHAR(26) NOT NULL,
	person_id VARCHAR(26) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_media_relation PRIMARY KEY (media_id, person_id, kind),
	CONSTRAINT ck_media_relation_owner CHECK (kind <> 'owner'),
	CONSTRAINT ck_media_relation_kind CHECK (kind IN ('owner', 'co_owner', 'co_editor', 'co_publisher', 'co_viewer')),
	CONSTRAINT fk_media_relation_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_relation_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
CREATE INDEX ix_media_relation_person ON media_relation (person_id);
CREATE TABLE media_upload (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	person_id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26) NOT NULL,
	filename VARCHAR(255) NOT NULL,
	size BIGINT NOT NULL,
	received BIGINT NOT NULL,
	state VARCHAR(16) NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	claimed_at DATETIME,
	media_id VARCHAR(26),
	CONSTRAINT pk_media_upload PRIMARY KEY (id),
	CONSTRAINT ck_media_upload_state CHECK (state IN ('receiving', 'examining', 'done')),
	CONSTRAINT ck_media_upload_received CHECK (received >= 0 AND received <= size),
	CONSTRAINT ck_media_upload_size CHECK (size > 0),
	CONSTRAINT fk_media_upload_course_id FOREIGN KEY(course_id) REFERENCES course (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_upload_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_media_upload_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE SET NULL,
	CONSTRAINT fk_media_upload_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_upload_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id)
);
CREATE INDEX ix_media_upload_expires ON media_upload (expires_at);
CREATE INDEX ix_media_upload_media ON media_upload (media_id);
CREATE INDEX ix_media_upload_person ON media_upload (person_id);
CREATE TABLE membership (
	person_id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26) NOT NULL,
	standing VARCHAR(16) NOT NULL,
	seen_at DATETIME NOT NULL,
	CONSTRAINT pk_membership PRIMARY KEY (person_id, course_id),
	CONSTRAINT fk_membership_course_id FOREIGN KEY(course_id) REFERENCES course (id),
	CONSTRAINT fk_membership_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_membership_course ON membership (course_id);
CREATE TABLE invitation_replaced_link (
	token_hash VARCHAR(64) NOT NULL,
	invitation_id VARCHAR(26) NOT NULL,
	CONSTRAINT pk_invitation_replaced_link PRIMARY KEY (token_hash),
	CONSTRAINT fk_invitation_replaced_link_invitation_id FOREIGN KEY(invitation_id) REFERENCES invitation (id) ON DELETE CASCADE
);
CREATE INDEX ix_invitation_replaced_link_invitation ON invitation_replaced_link (invitation_id);
CREATE TABLE invitation_wrong_address (
	id VARCHAR(26) NOT NULL,
	invitation_id VARCHAR(26) NOT NULL,
	client_hash VARCHAR(64) NOT NULL,
	ordinal INTEGER NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_invitation_wrong_address PRIMARY KEY (id),
	CONSTRAINT ck_invitation_wrong_address_ordinal CHECK (ordinal BETWEEN 1 AND 5),
	CONSTRAINT fk_invitation_wrong_address_invitation_id FOREIGN KEY(invitation_id) REFERENCES invitation (id) ON DELETE CASCADE
);
CREATE INDEX ix_invitation_wrong_address_at ON invitation_wrong_address (invitation_id, at);
CREATE INDEX ix_invitation_wrong_address_client ON invitation_wrong_address (invitation_id, client_hash, at);
CREATE TABLE media_link_binding (
	resource_link_id VARCHAR(26) NOT NULL,
	media_id VARCHAR(26) NOT NULL,
	chosen_here BOOLEAN NOT NULL,
	bound_at DATETIME NOT NULL,
	bound_by VARCHAR(26),
	CONSTRAINT pk_media_link_binding PRIMARY KEY (resource_link_id),
	CONSTRAINT fk_media_link_binding_bound_by FOREIGN KEY(bound_by) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT fk_media_link_binding_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_link_binding_resource_link_id FOREIGN KEY(resource_link_id) REFERENCES resource_link (id) ON DELETE CASCADE
);
CREATE INDEX ix_media_link_binding_media ON media_link_binding (media_id);
CREATE TABLE invitation_redemption (
	id VARCHAR(26) NOT NULL,
	invitation_id VARCHAR(26) NOT NULL,
	generation INTEGER NOT NULL,
	person_id VARCHAR(26),
	session_id VARCHAR(26),
	device_kind VARCHAR(8) NOT NULL,
	device_hash VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	ended_at DATETIME,
	CONSTRAINT pk_invitation_redemption PRIMARY KEY (id),
	CONSTRAINT ck_invitation_redemption_device_kind CHECK (device_kind IN ('key', 'cookie')),
	CONSTRAINT fk_invitation_redemption_invitation_id FOREIGN KEY(invitation_id) REFERENCES invitation (id) ON DELETE CASCADE,
	CONSTRAINT fk_invitation_redemption_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL,
	CONSTRAINT fk_invitation_redemption_session_id FOREIGN KEY(session_id) REFERENCES tool_session (id) ON DELETE SET NULL
);
CREATE INDEX ix_invitation_redemption_invitation ON invitation_redemption (invitation_id, generation);
CREATE INDEX ix_invitation_redemption_person ON invitation_redemption (person_id);
CREATE INDEX ix_invitation_redemption_session ON invitation_redemption (session_id);
CREATE TABLE media_grant (
	id VARCHAR(26) NOT NULL,
	media_id VARCHAR(26) NOT NULL,
	session_id VARCHAR(26) NOT NULL,
	role VARCHAR(16) NOT NULL,
	source VARCHAR(120) NOT NULL,
	created_at DATETIME NOT NULL,
	ended_at DATETIME,
	CONSTRAINT pk_media_grant PRIMARY KEY (id),
	CONSTRAINT ck_media_grant_role CHECK (role IN ('viewer', 'moderator', 'speaker')),
	CONSTRAINT fk_media_grant_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_grant_session_id FOREIGN KEY(session_id) REFERENCES tool_session (id) ON DELETE CASCADE,
	CONSTRAINT uq_media_grant_source UNIQUE (session_id, media_id, source)
);
CREATE INDEX ix_media_grant_media ON media_grant (media_id);
CREATE INDEX ix_media_grant_source ON media_grant (source);
CREATE TABLE media_viewing (
	id VARCHAR(26) NOT NULL,
	media_id VARCHAR(26) NOT NULL,
	session_id VARCHAR(26),
	opened_at DATETIME NOT NULL,
	last_at DATETIME NOT NULL,
	played_at DATETIME,
	CONSTRAINT pk_media_viewing PRIMARY KEY (id),
	CONSTRAINT fk_media_viewing_media_id FOREIGN KEY(media_id) REFERENCES media_item (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_viewing_session_id FOREIGN KEY(session_id) REFERENCES tool_session (id) ON DELETE SET NULL
);
CREATE INDEX ix_media_viewing_media ON media_viewing (media_id, opened_at);
CREATE INDEX ix_media_viewing_session ON media_viewing (session_id, media_id, last_at);
CREATE TABLE registration_code (
	code_hash VARCHAR(64) NOT NULL,
	institution VARCHAR(200) NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	registration_id VARCHAR(26),
	CONSTRAINT pk_registration_code PRIMARY KEY (code_hash),
	CONSTRAINT fk_registration_code_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id)
);
CREATE TABLE deep_linking_request (
	id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(26) NOT NULL,
	return_url TEXT,
	accept_types JSON NOT NULL,
	accept_targets JSON NOT NULL,
	accept_multiple BOOLEAN NOT NULL,
	accept_lineitem BOOLEAN NOT NULL,
	data TEXT,
	placement VARCHAR(255),
	created_at DATETIME NOT NULL,
	answered_at DATETIME,
	CONSTRAINT pk_deep_linking_request PRIMARY KEY (id),
	CONSTRAINT fk_deep_linking_request_deployment_id FOREIGN KEY(deployment_id) REFERENCES deployment (id),
	CONSTRAINT fk_deep_linking_request_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id)
);
CREATE INDEX ix_deep_linking_request_created ON deep_linking_request (created_at);
CREATE TABLE IF NOT EXISTS "registration" (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	name VARCHAR(64) NOT NULL,
	family VARCHAR(16) NOT NULL,
	issuer VARCHAR(512) NOT NULL,
	login_issuer VARCHAR(512) NOT NULL,
	client_id VARCHAR(255) NOT NULL,
	auth_url VARCHAR(1024) NOT NULL,
	token_url VARCHAR(1024) NOT NULL,
	jwks_url VARCHAR(1024) NOT NULL,
	auth_audience VARCHAR(1024),
	accept_new_deployments BOOLEAN NOT NULL,
	frame_origins JSON NOT NULL,
	enabled BOOLEAN DEFAULT (true) NOT NULL,
	created_at DATETIME NOT NULL,
	awaiting_approval BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_registration PRIMARY KEY (id),
	CONSTRAINT uq_registration_name UNIQUE (name),
	CONSTRAINT uq_registration_institution_id UNIQUE (institution_id),
	CONSTRAINT uq_registration_login_issuer_client_id UNIQUE (login_issuer, client_id),
	CONSTRAINT ck_registration_family CHECK (family IN ('sakai', 'canvas', 'moodle', 'other')),
	CONSTRAINT fk_registration_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT ck_registration_approved_before_enabled CHECK (NOT (enabled AND awaiting_approval))
);
CREATE TABLE IF NOT EXISTS "deployment" (
	id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(255) NOT NULL,
	enabled BOOLEAN DEFAULT (true) NOT NULL,
	created_at DATETIME NOT NULL,
	waiting BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_deployment PRIMARY KEY (id),
	CONSTRAINT fk_deployment_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id),
	CONSTRAINT uq_deployment_registration_id_deployment_id UNIQUE (registration_id, deployment_id),
	CONSTRAINT ck_deployment_let_in_before_enabled CHECK (NOT (enabled AND waiting))
);
CREATE TABLE IF NOT EXISTS "person" (
	id VARCHAR(26) NOT NULL,
	kind VARCHAR(8) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26),
	sub VARCHAR(255),
	email VARCHAR(320),
	name VARCHAR(255) NOT NULL,
	given_name VARCHAR(255) NOT NULL,
	family_name VARCHAR(255) NOT NULL,
	seen_at DATETIME NOT NULL,
	CONSTRAINT pk_person PRIMARY KEY (id),
	CONSTRAINT fk_person_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_person_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id),
	CONSTRAINT uq_person_registration_id_sub UNIQUE (registration_id, sub),
	CONSTRAINT ck_person_one_kind CHECK ((kind = 'lms' AND registration_id IS NOT NULL AND sub IS NOT NULL) OR (kind = 'guest' AND registration_id IS NULL AND sub IS NULL AND email IS NOT NULL) OR (kind = 'visitor' AND registration_id IS NOT NULL AND sub IS NULL AND email IS NULL))
);
CREATE UNIQUE INDEX uq_person_guest ON person (institution_id, email) WHERE kind = 'guest';
CREATE INDEX ix_person_email ON person (institution_id, email);
CREATE TABLE IF NOT EXISTS "resource_link" (
	id VARCHAR(26) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	registration_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26),
	link_id VARCHAR(255) NOT NULL,
	title VARCHAR(255) NOT NULL,
	shows_gallery BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_resource_link PRIMARY KEY (id),
	CONSTRAINT uq_resource_link_deployment_id_link_id UNIQUE (deployment_id, link_id),
	CONSTRAINT fk_resource_link_course_id FOREIGN KEY(course_id) REFERENCES course (id),
	CONSTRAINT fk_resource_link_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT fk_resource_link_registration_id FOREIGN KEY(registration_id) REFERENCES registration (id),
	CONSTRAINT fk_resource_link_deployment_id FOREIGN KEY(deployment_id) REFERENCES deployment (id)
);
CREATE TABLE roster (
	course_id VARCHAR(26) NOT NULL,
	source VARCHAR(8),
	read_at DATETIME,
	failure VARCHAR(64),
	due_at DATETIME NOT NULL,
	claimed_by VARCHAR(26),
	claimed_until DATETIME,
	people INTEGER NOT NULL,
	without_address INTEGER NOT NULL,
	CONSTRAINT pk_roster PRIMARY KEY (course_id),
	CONSTRAINT ck_roster_source CHECK (source IN ('lms', 'launches')),
	CONSTRAINT ck_roster_read CHECK ((source IS NULL) = (read_at IS NULL)),
	CONSTRAINT ck_roster_claim CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
	CONSTRAINT fk_roster_course_id FOREIGN KEY(course_id) REFERENCES course (id) ON DELETE CASCADE
);
CREATE TABLE roster_member (
	id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26) NOT NULL,
	sub VARCHAR(255) NOT NULL,
	email VARCHAR(254) NOT NULL,
	given_name VARCHAR(255) NOT NULL,
	family_name VARCHAR(255) NOT NULL,
	name VARCHAR(255) NOT NULL,
	CONSTRAINT pk_roster_member PRIMARY KEY (id),
	CONSTRAINT fk_roster_member_course_id FOREIGN KEY(course_id) REFERENCES roster (course_id) ON DELETE CASCADE,
	CONSTRAINT uq_roster_member_course_id_sub UNIQUE (course_id, sub)
);
CREATE TABLE roster_text (
	course_id VARCHAR(26) NOT NULL,
	text VARCHAR(64) NOT NULL,
	member_id VARCHAR(26) NOT NULL,
	CONSTRAINT pk_roster_text PRIMARY KEY (course_id, text, member_id),
	CONSTRAINT fk_roster_text_member_id FOREIGN KEY(member_id) REFERENCES roster_member (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE INDEX ix_roster_text_member ON roster_text (member_id, text);
CREATE TABLE IF NOT EXISTS "tool_session" (
	id VARCHAR(26) NOT NULL,
	handle VARCHAR(16) NOT NULL,
	secret_hash VARCHAR(64) NOT NULL,
	kind VARCHAR(8) NOT NULL,
	institution_id VARCHAR(26) NOT NULL,
	deployment_id VARCHAR(26),
	through_deployment_id VARCHAR(26),
	person_id VARCHAR(26) NOT NULL,
	course_id VARCHAR(26),
	resource_link_id VARCHAR(26),
	standing VARCHAR(16) NOT NULL,
	scope VARCHAR(64),
	stands_on VARCHAR(128),
	frame_origins JSON NOT NULL,
	locale VARCHAR(35),
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	keep_until DATETIME,
	idle_seconds INTEGER,
	seen_at DATETIME NOT NULL,
	ended_at DATETIME,
	guise VARCHAR(16),
	acting_for VARCHAR(255),
	deep_linking_id VARCHAR(26),
	return_url TEXT,
	CONSTRAINT pk_tool_session PRIMARY KEY (id),
	CONSTRAINT fk_tool_session_deployment_id FOREIGN KEY(deployment_id) REFERENCES deployment (id),
	CONSTRAINT fk_tool_session_person_id FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_tool_session_resource_link_id FOREIGN KEY(resource_link_id) REFERENCES resource_link (id),
	CONSTRAINT fk_tool_session_through_deployment_id FOREIGN KEY(through_deployment_id) REFERENCES deployment (id),
	CONSTRAINT ck_tool_session_one_kind CHECK ((kind = 'launch' AND deployment_id IS NOT NULL AND scope IS NULL) OR (kind = 'guest' AND deployment_id IS NULL AND course_id IS NULL AND scope IS NOT NULL AND stands_on IS NOT NULL AND standing = 'none')),
	CONSTRAINT fk_tool_session_institution_id FOREIGN KEY(institution_id) REFERENCES institution (id),
	CONSTRAINT uq_tool_session_handle UNIQUE (handle),
	CONSTRAINT fk_tool_session_course_id FOREIGN KEY(course_id) REFERENCES course (id),
	CONSTRAINT fk_tool_session_deep_linking_id FOREIGN KEY(deep_linking_id) REFERENCES deep_linking_request (id),
	CONSTRAINT ck_tool_session_guise CHECK (guise IS NULL OR guise IN ('visitor', 'student_view', 'acting_as')),
	CONSTRAINT ck_tool_session_acting_for CHECK (acting_for IS NULL OR guise IS NOT NULL)
);
CREATE INDEX ix_tool_session_stands_on ON tool_session (stands_on);
CREATE INDEX ix_tool_session_person ON tool_session (person_id, expires_at);
CREATE INDEX ix_tool_session_dialog ON tool_session (deep_linking_id) WHERE deep_linking_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS "session_ticket" (
	ticket_hash VARCHAR(64) NOT NULL,
	session_id VARCHAR(26) NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	purpose VARCHAR(8) DEFAULT 'tab' NOT NULL,
	CONSTRAINT pk_session_ticket PRIMARY KEY (ticket_hash),
	CONSTRAINT fk_session_ticket_session_id FOREIGN KEY(session_id) REFERENCES tool_session (id),
	CONSTRAINT ck_session_ticket_purpose CHECK (purpose IN ('tab', 'page'))
);
CREATE INDEX ix_session_ticket_session ON session_ticket (session_id);
INSERT INTO alembic_version VALUES ('0002');
