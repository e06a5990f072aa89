-- The empty tables of revision 0002 on PostgreSQL, as commit ca82168 made them (pg_dump --schema-only, without what it says about itself).

CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE audit_record (
    id character varying(26) NOT NULL,
    at timestamp with time zone NOT NULL,
    action character varying(64) NOT NULL,
    institution_id character varying(26),
    registration_id character varying(26),
    actor_kind character varying(16) NOT NULL,
    actor_id character varying(26),
    session_id character varying(26),
    subject_type character varying(32),
    subject_id character varying(64),
    request_id character varying(26),
    details json NOT NULL
);
CREATE TABLE course (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    deployment_id character varying(26) NOT NULL,
    context_id character varying(255) NOT NULL,
    title character varying(255) NOT NULL,
    memberships_url character varying(1024)
);
CREATE TABLE deep_linking_request (
    id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    deployment_id character varying(26) NOT NULL,
    return_url text,
    accept_types json NOT NULL,
    accept_targets json NOT NULL,
    accept_multiple boolean NOT NULL,
    accept_lineitem boolean NOT NULL,
    data text,
    placement character varying(255),
    created_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone
);
CREATE TABLE deployment (
    id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    deployment_id character varying(255) NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL,
    waiting boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_deployment_let_in_before_enabled CHECK ((NOT (enabled AND waiting)))
);
CREATE TABLE institution (
    id character varying(26) NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE institution_setting (
    institution_id character varying(26) NOT NULL,
    name character varying(64) NOT NULL,
    value json NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE invitation (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    deployment_id character varying(26),
    media_id character varying(26) NOT NULL,
    email character varying(254) NOT NULL,
    email_shown character varying(254) NOT NULL,
    first_name character varying(100) NOT NULL,
    last_name character varying(100) NOT NULL,
    type character varying(16) NOT NULL,
    generation integer NOT NULL,
    key_id character varying(64) NOT NULL,
    token_hash character varying(64) NOT NULL,
    uses_allowed integer NOT NULL,
    uses_made integer NOT NULL,
    generated_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    device_kind character varying(8),
    device_hash character varying(64),
    created_at timestamp with time zone NOT NULL,
    created_by character varying(26),
    created_by_name character varying(255) NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by character varying(26),
    new_link_asked_at timestamp with time zone,
    search text DEFAULT ''::text NOT NULL,
    created_acting_for character varying(255),
    CONSTRAINT ck_invitation_allowed CHECK (((uses_allowed = '-1'::integer) OR (uses_allowed >= 1))),
    CONSTRAINT ck_invitation_device CHECK (((device_kind IS NULL) = (device_hash IS NULL))),
    CONSTRAINT ck_invitation_device_kind CHECK (((device_kind)::text = ANY ((ARRAY['key'::character varying, 'cookie'::character varying])::text[]))),
    CONSTRAINT ck_invitation_email CHECK (((email)::text ~~ '%_@_%'::text)),
    CONSTRAINT ck_invitation_end CHECK ((expires_at > generated_at)),
    CONSTRAINT ck_invitation_generation CHECK ((generation >= 1)),
    CONSTRAINT ck_invitation_type CHECK (((type)::text = ANY ((ARRAY['viewer'::character varying, 'moderator'::character varying, 'speaker'::character varying])::text[]))),
    CONSTRAINT ck_invitation_uses CHECK (((uses_made >= 0) AND ((uses_allowed = '-1'::integer) OR (uses_made <= uses_allowed))))
);
CREATE TABLE invitation_redemption (
    id character varying(26) NOT NULL,
    invitation_id character varying(26) NOT NULL,
    generation integer NOT NULL,
    person_id character varying(26),
    session_id character varying(26),
    device_kind character varying(8) NOT NULL,
    device_hash character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT ck_invitation_redemption_device_kind CHECK (((device_kind)::text = ANY ((ARRAY['key'::character varying, 'cookie'::character varying])::text[])))
);
CREATE TABLE invitation_replaced_link (
    token_hash character varying(64) NOT NULL,
    invitation_id character varying(26) NOT NULL
);
CREATE TABLE invitation_wrong_address (
    id character varying(26) NOT NULL,
    invitation_id character varying(26) NOT NULL,
    client_hash character varying(64) NOT NULL,
    ordinal integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT ck_invitation_wrong_address_ordinal CHECK (((ordinal >= 1) AND (ordinal <= 5)))
);
CREATE TABLE login_state (
    state_hash character varying(64) NOT NULL,
    nonce_hash character varying(64) NOT NULL,
    registration_id character varying(26) NOT NULL,
    browser_hash character varying(64) NOT NULL,
    target_link_uri character varying(2048) NOT NULL,
    deployment_hint character varying(255),
    expires_at timestamp with time zone NOT NULL,
    consumed_at timestamp with time zone,
    storage_frame character varying(255)
);
CREATE TABLE media_file (
    id character varying(26) NOT NULL,
    media_id character varying(26) NOT NULL,
    role character varying(16) NOT NULL,
    storage_key character varying(64) NOT NULL,
    content_type character varying(64) NOT NULL,
    size bigint NOT NULL,
    language character varying(35),
    label character varying(80),
    width integer,
    height integer,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_media_file_language CHECK ((((role)::text <> 'captions'::text) OR (language IS NOT NULL))),
    CONSTRAINT ck_media_file_role CHECK (((role)::text = ANY ((ARRAY['original'::character varying, 'poster'::character varying, 'captions'::character varying])::text[]))),
    CONSTRAINT ck_media_file_size CHECK ((size > 0))
);
CREATE TABLE media_grant (
    id character varying(26) NOT NULL,
    media_id character varying(26) NOT NULL,
    session_id character varying(26) NOT NULL,
    role character varying(16) NOT NULL,
    source character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT ck_media_grant_role CHECK (((role)::text = ANY ((ARRAY['viewer'::character varying, 'moderator'::character varying, 'speaker'::character varying])::text[])))
);
CREATE TABLE media_item (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    owner_person_id character varying(26),
    owner_name character varying(255) NOT NULL,
    kind character varying(16) NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    tags json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    deleted_by character varying(26),
    purged_at timestamp with time zone,
    duration_ms bigint,
    width integer,
    height integer,
    pages integer,
    download_allowed boolean NOT NULL,
    open_to_links boolean NOT NULL,
    plays bigint NOT NULL,
    CONSTRAINT ck_media_item_duration CHECK (((duration_ms IS NULL) OR (duration_ms >= 0))),
    CONSTRAINT ck_media_item_kind CHECK (((kind)::text = ANY ((ARRAY['video'::character varying, 'audio'::character varying, 'document'::character varying, 'image'::character varying])::text[]))),
    CONSTRAINT ck_media_item_pages CHECK (((pages IS NULL) OR (pages > 0))),
    CONSTRAINT ck_media_item_plays CHECK ((plays >= 0)),
    CONSTRAINT ck_media_item_purged CHECK (((purged_at IS NULL) OR (deleted_at IS NOT NULL))),
    CONSTRAINT ck_media_item_title CHECK (((length((title)::text) > 0) OR (purged_at IS NOT NULL)))
);
CREATE TABLE media_link_binding (
    resource_link_id character varying(26) NOT NULL,
    media_id character varying(26) NOT NULL,
    chosen_here boolean NOT NULL,
    bound_at timestamp with time zone NOT NULL,
    bound_by character varying(26)
);
CREATE TABLE media_publication (
    media_id character varying(26) NOT NULL,
    course_id character varying(26) NOT NULL,
    published_at timestamp with time zone NOT NULL,
    published_by character varying(26)
);
CREATE TABLE media_relation (
    media_id character varying(26) NOT NULL,
    person_id character varying(26) NOT NULL,
    kind character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_media_relation_kind CHECK (((kind)::text = ANY ((ARRAY['owner'::character varying, 'co_owner'::character varying, 'co_editor'::character varying, 'co_publisher'::character varying, 'co_viewer'::character varying])::text[]))),
    CONSTRAINT ck_media_relation_owner CHECK (((kind)::text <> 'owner'::text))
);
CREATE TABLE media_upload (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    person_id character varying(26) NOT NULL,
    course_id character varying(26) NOT NULL,
    filename character varying(255) NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL,
    state character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    media_id character varying(26),
    CONSTRAINT ck_media_upload_received CHECK (((received >= 0) AND (received <= size))),
    CONSTRAINT ck_media_upload_size CHECK ((size > 0)),
    CONSTRAINT ck_media_upload_state CHECK (((state)::text = ANY ((ARRAY['receiving'::character varying, 'examining'::character varying, 'done'::character varying])::text[])))
);
CREATE TABLE media_viewing (
    id character varying(26) NOT NULL,
    media_id character varying(26) NOT NULL,
    session_id character varying(26),
    opened_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    played_at timestamp with time zone
);
CREATE TABLE membership (
    person_id character varying(26) NOT NULL,
    course_id character varying(26) NOT NULL,
    standing character varying(16) NOT NULL,
    seen_at timestamp with time zone NOT NULL
);
CREATE TABLE person (
    id character varying(26) NOT NULL,
    kind character varying(8) NOT NULL,
    institution_id character varying(26) NOT NULL,
    registration_id character varying(26),
    sub character varying(255),
    email character varying(320),
    name character varying(255) NOT NULL,
    given_name character varying(255) NOT NULL,
    family_name character varying(255) NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_person_one_kind CHECK (((((kind)::text = 'lms'::text) AND (registration_id IS NOT NULL) AND (sub IS NOT NULL)) OR (((kind)::text = 'guest'::text) AND (registration_id IS NULL) AND (sub IS NULL) AND (email IS NOT NULL)) OR (((kind)::text = 'visitor'::text) AND (registration_id IS NOT NULL) AND (sub IS NULL) AND (email IS NULL))))
);
CREATE TABLE registration (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    name character varying(64) NOT NULL,
    family character varying(16) NOT NULL,
    issuer character varying(512) NOT NULL,
    login_issuer character varying(512) NOT NULL,
    client_id character varying(255) NOT NULL,
    auth_url character varying(1024) NOT NULL,
    token_url character varying(1024) NOT NULL,
    jwks_url character varying(1024) NOT NULL,
    auth_audience character varying(1024),
    accept_new_deployments boolean NOT NULL,
    frame_origins json NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL,
    awaiting_approval boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_registration_approved_before_enabled CHECK ((NOT (enabled AND awaiting_approval))),
    CONSTRAINT ck_registration_family CHECK (((family)::text = ANY ((ARRAY['sakai'::character varying, 'canvas'::character varying, 'moodle'::character varying, 'other'::character varying])::text[])))
);
CREATE TABLE registration_code (
    code_hash character varying(64) NOT NULL,
    institution character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    registration_id character varying(26)
);
CREATE TABLE resource_link (
    id character varying(26) NOT NULL,
    institution_id character varying(26) NOT NULL,
    registration_id character varying(26) NOT NULL,
    deployment_id character varying(26) NOT NULL,
    course_id character varying(26),
    link_id character varying(255) NOT NULL,
    title character varying(255) NOT NULL,
    shows_gallery boolean DEFAULT false NOT NULL
);
CREATE TABLE roster (
    course_id character varying(26) NOT NULL,
    source character varying(8),
    read_at timestamp with time zone,
    failure character varying(64),
    due_at timestamp with time zone NOT NULL,
    claimed_by character varying(26),
    claimed_until timestamp with time zone,
    people integer NOT NULL,
    without_address integer NOT NULL,
    CONSTRAINT ck_roster_claim CHECK (((claimed_by IS NULL) = (claimed_until IS NULL))),
    CONSTRAINT ck_roster_read CHECK (((source IS NULL) = (read_at IS NULL))),
    CONSTRAINT ck_roster_source CHECK (((source)::text = ANY ((ARRAY['lms'::character varying, 'launches'::character varying])::text[])))
);
CREATE TABLE roster_member (
    id character varying(26) NOT NULL,
    course_id character varying(26) NOT NULL,
    sub character varying(255) NOT NULL,
    email character varying(254) NOT NULL,
    given_name character varying(255) NOT NULL,
    family_name character varying(255) NOT NULL,
    name character varying(255) NOT NULL
);
CREATE TABLE roster_text (
    course_id character varying(26) NOT NULL,
    text character varying(64) NOT NULL COLLATE pg_catalog."C",
    member_id character varying(26) NOT NULL
);
CREATE TABLE session_ticket (
    ticket_hash character varying(64) NOT NULL,
    session_id character varying(26) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    purpose character varying(8) DEFAULT 'tab'::character varying NOT NULL,
    CONSTRAINT ck_session_ticket_purpose CHECK (((purpose)::text = ANY ((ARRAY['tab'::character varying, 'page'::character varying])::text[])))
);
CREATE TABLE tool_session (
    id character varying(26) NOT NULL,
    handle character varying(16) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    kind character varying(8) NOT NULL,
    institution_id character varying(26) NOT NULL,
    deployment_id character varying(26),
    through_deployment_id character varying(26),
    person_id character varying(26) NOT NULL,
    course_id character varying(26),
    resource_link_id character varying(26),
    standing character varying(16) NOT NULL,
    scope character varying(64),
    stands_on character varying(128),
    frame_origins json NOT NULL,
    locale character varying(35),
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    keep_until timestamp with time zone,
    idle_seconds integer,
    seen_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    guise character varying(16),
    acting_for character varying(255),
    deep_linking_id character varying(26),
    return_url text,
    CONSTRAINT ck_tool_session_acting_for CHECK (((acting_for IS NULL) OR (guise IS NOT NULL))),
    CONSTRAINT ck_tool_session_guise CHECK (((guise IS NULL) OR ((guise)::text = ANY ((ARRAY['visitor'::character varying, 'student_view'::character varying, 'acting_as'::character varying])::text[])))),
    CONSTRAINT ck_tool_session_one_kind CHECK (((((kind)::text = 'launch'::text) AND (deployment_id IS NOT NULL) AND (scope IS NULL)) OR (((kind)::text = 'guest'::text) AND (deployment_id IS NULL) AND (course_id IS NULL) AND (scope IS NOT NULL) AND (stands_on IS NOT NULL) AND ((standing)::text = 'none'::text))))
);
ALTER TABLE alembic_version ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE audit_record ADD CONSTRAINT pk_audit_record PRIMARY KEY (id);
ALTER TABLE course ADD CONSTRAINT pk_course PRIMARY KEY (id);
ALTER TABLE deep_linking_request ADD CONSTRAINT pk_deep_linking_request PRIMARY KEY (id);
ALTER TABLE deployment ADD CONSTRAINT pk_deployment PRIMARY KEY (id);
ALTER TABLE institution ADD CONSTRAINT pk_institution PRIMARY KEY (id);
ALTER TABLE institution_setting ADD CONSTRAINT pk_institution_setting PRIMARY KEY (institution_id, name);
ALTER TABLE invitation ADD CONSTRAINT pk_invitation PRIMARY KEY (id);
ALTER TABLE invitation_redemption ADD CONSTRAINT pk_invitation_redemption PRIMARY KEY (id);
ALTER TABLE invitation_replaced_link ADD CONSTRAINT pk_invitation_replaced_link PRIMARY KEY (token_hash);
ALTER TABLE invitation_wrong_address ADD CONSTRAINT pk_invitation_wrong_address PRIMARY KEY (id);
ALTER TABLE login_state ADD CONSTRAINT pk_login_state PRIMARY KEY (state_hash);
ALTER TABLE media_file ADD CONSTRAINT pk_media_file PRIMARY KEY (id);
ALTER TABLE media_grant ADD CONSTRAINT pk_media_grant PRIMARY KEY (id);
ALTER TABLE media_item ADD CONSTRAINT pk_media_item PRIMARY KEY (id);
ALTER TABLE media_link_binding ADD CONSTRAINT pk_media_link_binding PRIMARY KEY (resource_link_id);
ALTER TABLE media_publication ADD CONSTRAINT pk_media_publication PRIMARY KEY (media_id, course_id);
ALTER TABLE media_relation ADD CONSTRAINT pk_media_relation PRIMARY KEY (media_id, person_id, kind);
ALTER TABLE media_upload ADD CONSTRAINT pk_media_upload PRIMARY KEY (id);
ALTER TABLE media_viewing ADD CONSTRAINT pk_media_viewing PRIMARY KEY (id);
ALTER TABLE membership ADD CONSTRAINT pk_membership PRIMARY KEY (person_id, course_id);
ALTER TABLE person ADD CONSTRAINT pk_person PRIMARY KEY (id);
ALTER TABLE registration ADD CONSTRAINT pk_registration PRIMARY KEY (id);
ALTER TABLE registration_code ADD CONSTRAINT pk_registration_code PRIMARY KEY (code_hash);
ALTER TABLE resource_link ADD CONSTRAINT pk_resource_link PRIMARY KEY (id);
ALTER TABLE roster ADD CONSTRAINT pk_roster PRIMARY KEY (course_id);
ALTER TABLE roster_member ADD CONSTRAINT pk_roster_member PRIMARY KEY (id);
ALTER TABLE roster_text ADD CONSTRAINT pk_roster_text PRIMARY KEY (course_id, text, member_id);
ALTER TABLE session_ticket ADD CONSTRAINT pk_session_ticket PRIMARY KEY (ticket_hash);
ALTER TABLE tool_session ADD CONSTRAINT pk_tool_session PRIMARY KEY (id);
ALTER TABLE course ADD CONSTRAINT uq_course_deployment_id_context_id UNIQUE (deployment_id, context_id);
ALTER TABLE deployment ADD CONSTRAINT uq_deployment_registration_id_deployment_id UNIQUE (registration_id, deployment_id);
ALTER TABLE invitation ADD CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash);
ALTER TABLE login_state ADD CONSTRAINT uq_login_state_nonce_hash UNIQUE (nonce_hash);
ALTER TABLE media_file ADD CONSTRAINT uq_media_file_storage_key UNIQUE (storage_key);
ALTER TABLE media_grant ADD CONSTRAINT uq_media_grant_source UNIQUE (session_id, media_id, source);
ALTER TABLE person ADD CONSTRAINT uq_person_registration_id_sub UNIQUE (registration_id, sub);
ALTER TABLE registration ADD CONSTRAINT uq_registration_institution_id UNIQUE (institution_id);
ALTER TABLE registration ADD CONSTRAINT uq_registration_login_issuer_client_id UNIQUE (login_issuer, client_id);
ALTER TABLE registration ADD CONSTRAINT uq_registration_name UNIQUE (name);
ALTER TABLE resource_link ADD CONSTRAINT uq_resource_link_deployment_id_link_id UNIQUE (deployment_id, link_id);
ALTER TABLE roster_member ADD CONSTRAINT uq_roster_member_course_id_sub UNIQUE (course_id, sub);
ALTER TABLE tool_session ADD CONSTRAINT uq_tool_session_handle UNIQUE (handle);
CREATE INDEX ix_audit_record_institution ON audit_record USING btree (institution_id, at);
CREATE INDEX ix_audit_record_subject ON audit_record USING btree (subject_type, subject_id, at);
CREATE INDEX ix_deep_linking_request_created ON deep_linking_request USING btree (created_at);
CREATE INDEX ix_invitation_institution ON invitation USING btree (institution_id);
CREATE INDEX ix_invitation_media ON invitation USING btree (media_id, created_at);
CREATE INDEX ix_invitation_redemption_invitation ON invitation_redemption USING btree (invitation_id, generation);
CREATE INDEX ix_invitation_redemption_person ON invitation_redemption USING btree (person_id);
CREATE INDEX ix_invitation_redemption_session ON invitation_redemption USING btree (session_id);
CREATE INDEX ix_invitation_replaced_link_invitation ON invitation_replaced_link USING btree (invitation_id);
CREATE INDEX ix_invitation_wrong_address_at ON invitation_wrong_address USING btree (invitation_id, at);
CREATE INDEX ix_invitation_wrong_address_client ON invitation_wrong_address USING btree (invitation_id, client_hash, at);
CREATE INDEX ix_login_state_expires ON login_state USING btree (expires_at);
CREATE INDEX ix_login_state_registration ON login_state USING btree (registration_id, expires_at);
CREATE INDEX ix_media_file_media ON media_file USING btree (media_id);
CREATE INDEX ix_media_grant_media ON media_grant USING btree (media_id);
CREATE INDEX ix_media_grant_source ON media_grant USING btree (source);
CREATE INDEX ix_media_item_deleted ON media_item USING btree (deleted_at);
CREATE INDEX ix_media_item_owner ON media_item USING btree (owner_person_id, created_at);
CREATE INDEX ix_media_item_registration ON media_item USING btree (registration_id, created_at);
CREATE INDEX ix_media_link_binding_media ON media_link_binding USING btree (media_id);
CREATE INDEX ix_media_publication_course ON media_publication USING btree (course_id, published_at);
CREATE INDEX ix_media_relation_person ON media_relation USING btree (person_id);
CREATE INDEX ix_media_upload_expires ON media_upload USING btree (expires_at);
CREATE INDEX ix_media_upload_media ON media_upload USING btree (media_id);
CREATE INDEX ix_media_upload_person ON media_upload USING btree (person_id);
CREATE INDEX ix_media_viewing_media ON media_viewing USING btree (media_id, opened_at);
CREATE INDEX ix_media_viewing_session ON media_viewing USING btree (session_id, media_id, last_at);
CREATE INDEX ix_membership_course ON membership USING btree (course_id);
CREATE INDEX ix_person_email ON person USING btree (institution_id, email);
CREATE INDEX ix_roster_text_member ON roster_text USING btree (member_id, text);
CREATE INDEX ix_session_ticket_session ON session_ticket USING btree (session_id);
CREATE INDEX ix_tool_session_dialog ON tool_session USING btree (deep_linking_id) WHERE (deep_linking_id IS NOT NULL);
CREATE INDEX ix_tool_session_person ON tool_session USING btree (person_id, expires_at);
CREATE INDEX ix_tool_session_stands_on ON tool_session USING btree (stands_on);
CREATE UNIQUE INDEX uq_invitation_live ON invitation USING btree (media_id, email, type) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX uq_media_file_single ON media_file USING btree (media_id, role) WHERE ((role)::text = ANY ((ARRAY['original'::character varying, 'poster'::character varying])::text[]));
CREATE UNIQUE INDEX uq_person_guest ON person USING btree (institution_id, email) WHERE ((kind)::text = 'guest'::text);
ALTER TABLE course ADD CONSTRAINT fk_course_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployment(id);
ALTER TABLE course ADD CONSTRAINT fk_course_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE course ADD CONSTRAINT fk_course_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE deep_linking_request ADD CONSTRAINT fk_deep_linking_request_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployment(id);
ALTER TABLE deep_linking_request ADD CONSTRAINT fk_deep_linking_request_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE deployment ADD CONSTRAINT fk_deployment_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE institution_setting ADD CONSTRAINT fk_institution_setting_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id) ON DELETE CASCADE;
ALTER TABLE invitation ADD CONSTRAINT fk_invitation_created_by FOREIGN KEY (created_by) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE invitation ADD CONSTRAINT fk_invitation_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployment(id);
ALTER TABLE invitation ADD CONSTRAINT fk_invitation_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE invitation ADD CONSTRAINT fk_invitation_media_id FOREIGN KEY (media_id) REFERENCES media_item(id);
ALTER TABLE invitation_redemption ADD CONSTRAINT fk_invitation_redemption_invitation_id FOREIGN KEY (invitation_id) REFERENCES invitation(id) ON DELETE CASCADE;
ALTER TABLE invitation_redemption ADD CONSTRAINT fk_invitation_redemption_person_id FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE invitation_redemption ADD CONSTRAINT fk_invitation_redemption_session_id FOREIGN KEY (session_id) REFERENCES tool_session(id) ON DELETE SET NULL;
ALTER TABLE invitation_replaced_link ADD CONSTRAINT fk_invitation_replaced_link_invitation_id FOREIGN KEY (invitation_id) REFERENCES invitation(id) ON DELETE CASCADE;
ALTER TABLE invitation ADD CONSTRAINT fk_invitation_revoked_by FOREIGN KEY (revoked_by) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE invitation_wrong_address ADD CONSTRAINT fk_invitation_wrong_address_invitation_id FOREIGN KEY (invitation_id) REFERENCES invitation(id) ON DELETE CASCADE;
ALTER TABLE login_state ADD CONSTRAINT fk_login_state_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE media_file ADD CONSTRAINT fk_media_file_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_grant ADD CONSTRAINT fk_media_grant_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_grant ADD CONSTRAINT fk_media_grant_session_id FOREIGN KEY (session_id) REFERENCES tool_session(id) ON DELETE CASCADE;
ALTER TABLE media_item ADD CONSTRAINT fk_media_item_deleted_by FOREIGN KEY (deleted_by) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE media_item ADD CONSTRAINT fk_media_item_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE media_item ADD CONSTRAINT fk_media_item_owner_person_id FOREIGN KEY (owner_person_id) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE media_item ADD CONSTRAINT fk_media_item_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE media_link_binding ADD CONSTRAINT fk_media_link_binding_bound_by FOREIGN KEY (bound_by) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE media_link_binding ADD CONSTRAINT fk_media_link_binding_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_link_binding ADD CONSTRAINT fk_media_link_binding_resource_link_id FOREIGN KEY (resource_link_id) REFERENCES resource_link(id) ON DELETE CASCADE;
ALTER TABLE media_publication ADD CONSTRAINT fk_media_publication_course_id FOREIGN KEY (course_id) REFERENCES course(id) ON DELETE CASCADE;
ALTER TABLE media_publication ADD CONSTRAINT fk_media_publication_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_publication ADD CONSTRAINT fk_media_publication_published_by FOREIGN KEY (published_by) REFERENCES person(id) ON DELETE SET NULL;
ALTER TABLE media_relation ADD CONSTRAINT fk_media_relation_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_relation ADD CONSTRAINT fk_media_relation_person_id FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE;
ALTER TABLE media_upload ADD CONSTRAINT fk_media_upload_course_id FOREIGN KEY (course_id) REFERENCES course(id) ON DELETE CASCADE;
ALTER TABLE media_upload ADD CONSTRAINT fk_media_upload_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE media_upload ADD CONSTRAINT fk_media_upload_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE SET NULL;
ALTER TABLE media_upload ADD CONSTRAINT fk_media_upload_person_id FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE CASCADE;
ALTER TABLE media_upload ADD CONSTRAINT fk_media_upload_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE media_viewing ADD CONSTRAINT fk_media_viewing_media_id FOREIGN KEY (media_id) REFERENCES media_item(id) ON DELETE CASCADE;
ALTER TABLE media_viewing ADD CONSTRAINT fk_media_viewing_session_id FOREIGN KEY (session_id) REFERENCES tool_session(id) ON DELETE SET NULL;
ALTER TABLE membership ADD CONSTRAINT fk_membership_course_id FOREIGN KEY (course_id) REFERENCES course(id);
ALTER TABLE membership ADD CONSTRAINT fk_membership_person_id FOREIGN KEY (person_id) REFERENCES person(id);
ALTER TABLE person ADD CONSTRAINT fk_person_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE person ADD CONSTRAINT fk_person_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE registration_code ADD CONSTRAINT fk_registration_code_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE registration ADD CONSTRAINT fk_registration_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE resource_link ADD CONSTRAINT fk_resource_link_course_id FOREIGN KEY (course_id) REFERENCES course(id);
ALTER TABLE resource_link ADD CONSTRAINT fk_resource_link_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployment(id);
ALTER TABLE resource_link ADD CONSTRAINT fk_resource_link_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE resource_link ADD CONSTRAINT fk_resource_link_registration_id FOREIGN KEY (registration_id) REFERENCES registration(id);
ALTER TABLE roster ADD CONSTRAINT fk_roster_course_id FOREIGN KEY (course_id) REFERENCES course(id) ON DELETE CASCADE;
ALTER TABLE roster_member ADD CONSTRAINT fk_roster_member_course_id FOREIGN KEY (course_id) REFERENCES roster(course_id) ON DELETE CASCADE;
ALTER TABLE roster_text ADD CONSTRAINT fk_roster_text_member_id FOREIGN KEY (member_id) REFERENCES roster_member(id) ON DELETE CASCADE;
ALTER TABLE session_ticket ADD CONSTRAINT fk_session_ticket_session_id FOREIGN KEY (session_id) REFERENCES tool_session(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_course_id FOREIGN KEY (course_id) REFERENCES course(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_deep_linking_id FOREIGN KEY (deep_linking_id) REFERENCES deep_linking_request(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployment(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_institution_id FOREIGN KEY (institution_id) REFERENCES institution(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_person_id FOREIGN KEY (person_id) REFERENCES person(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_resource_link_id FOREIGN KEY (resource_link_id) REFERENCES resource_link(id);
ALTER TABLE tool_session ADD CONSTRAINT fk_tool_session_through_deployment_id FOREIGN KEY (through_deployment_id) REFERENCES deployment(id);
INSERT INTO alembic_version VALUES ('0002');
